/**
 * Names that make programs load or run other code, or look for it elsewhere: a person who can write the file, but not
 * encrypt under your keys, could run programs as you with them. Many are those that sudo removes from environments
 * (sudoers(5), env_delete). The list cannot be complete, because programs have variables of their own.
 */
const DECISIVE: ReadonlySet<string> = new Set(
  [
    'PATH IFS CDPATH ENV BASH_ENV BASHOPTS SHELLOPTS PS4 GLOBIGNORE FPATH NULLCMD READNULLCMD ZDOTDIR SHELL',
    'EDITOR VISUAL PAGER MANPAGER LESSOPEN LESSCLOSE BROWSER',
    'LIBPATH SHLIB_PATH GCONV_PATH NLSPATH TERMCAP TERMINFO TERMINFO_DIRS HOSTALIASES LOCALDOMAIN RES_OPTIONS',
    'NODE_OPTIONS NODE_PATH JAVA_TOOL_OPTIONS JDK_JAVA_OPTIONS _JAVA_OPTIONS CLASSPATH',
    'PERLLIB PERL5LIB PERL5OPT PERL5DB PERLIO_DEBUG RUBYLIB RUBYOPT LUA_INIT PHPRC PHP_INI_SCAN_DIR',
    'PYTHONHOME PYTHONPATH PYTHONSTARTUP PYTHONINSPECT PYTHONUSERBASE PYTHONWARNINGS PYTHONBREAKPOINT',
    'MAKEFLAGS MAKEFILES GNUMAKEFLAGS AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE',
    'GIT_SSH GIT_SSH_COMMAND GIT_EXEC_PATH GIT_EXTERNAL_DIFF GIT_PAGER GIT_EDITOR GIT_ASKPASS GIT_PROXY_COMMAND',
    'GIT_TEMPLATE_DIR GIT_SEQUENCE_EDITOR SSH_ASKPASS',
  ].flatMap((names) => names.split(' ')),
);
const DECISIVE_BEGINNINGS = [
  'LD_',
  'LDR_',
  '_RLD',
  'DYLD_',
  'BASH_FUNC_',
  'GIT_CONFIG',
  'NPM_CONFIG_',
  'npm_config_',
  'POCKET_KMS_',
] as const;

/** Whether a name may have an unauthenticated value. */
export const mayBePlain = (name: string): boolean =>
  !DECISIVE.has(name) && !DECISIVE_BEGINNINGS.some((beginning) => name.startsWith(beginning));
