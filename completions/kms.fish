# fish completion for kms: `kms __complete` knows what may stand here, its last line says what is left to the shell
function __kms_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -g __kms_found (command kms __complete $words[2..] "$current" 2>/dev/null </dev/null)
    set -g __kms_directive $__kms_found[-1]
    set -e __kms_found[-1]
    set -g __kms_before (string match -r -- '^--[^=]+=' "$current")
    # without a scheme, files are completed by fish itself
    test "$__kms_directive" != :files; or string match -qr -- '^(--[^=]+=)?fileb?://' "$current"
end
function __kms_candidates
    if test "$__kms_directive" != :files
        string replace -r '^' -- "$__kms_before" $__kms_found
        return
    end
    set -l parts (commandline -ct | string match -r -- '^(.*?fileb?://)(.*)')
    set -l start $parts[3]
    for file in $start*
        test -d $file; and set file $file/
        echo $parts[2]$file
    end
end
complete -c kms -n __kms_complete -f -a '(__kms_candidates)'
