/** A YAML draft: text under construction, with the column that folding and indentation depend on. */

export interface YamlDraft {
  text: string;
  column: number;
  /** Right after an indicator (`- `, `? `, `: `), where a nested list or map starts on the same line. */
  compact: boolean;
}

export function put(draft: YamlDraft, text: string): void {
  draft.text += text;
  draft.column += Array.from(text).length;
  draft.compact = false;
}

export function putLine(draft: YamlDraft, indent: number): void {
  draft.text += `\n${' '.repeat(indent)}`;
  draft.column = indent;
  draft.compact = false;
}
