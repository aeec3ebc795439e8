/** Colors of the linter's findings, loaded only for terminals. */
import { Chalk } from 'chalk';

type TextStyle = 'error' | 'security' | 'warning' | 'hint' | 'strong' | 'frame';

export function painter(): (style: TextStyle, text: string) => string {
  const chalk = new Chalk({ level: 1 });
  const styles: { readonly [style in TextStyle]: (text: string) => string } = {
    error: chalk.bold.red,
    security: chalk.bold.magenta,
    warning: chalk.bold.yellow,
    hint: chalk.bold.cyan,
    strong: chalk.bold,
    frame: chalk.blue,
  };
  return (style, text) => styles[style](text);
}
