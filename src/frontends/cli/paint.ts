/** Colors of output for people, loaded only for terminals. */
import { Chalk } from 'chalk';
import type { Paint, TextStyle } from '../../model/styled-text.ts';

export function painter(): Paint {
  const chalk = new Chalk({ level: 1 });
  const styles: { readonly [style in TextStyle]: (text: string) => string } = {
    error: chalk.bold.red,
    security: chalk.bold.magenta,
    warning: chalk.bold.yellow,
    hint: chalk.bold.cyan,
    good: chalk.bold.green,
    strong: chalk.bold,
    faint: chalk.dim,
    frame: chalk.blue,
  };
  return (style, text) => styles[style](text);
}
