/** Where in a template something is, for messages, and how much work the template has caused. */
import { EnvironmentError } from '../../../model/error.ts';
import { isObject } from '../../../model/json-object.ts';

/** A template is someone else's file: these bound what a few lines of it can cost. */
export const MAX_DEPTH = 100;
export const MAX_STEPS = 200_000;
export const MAX_CHARACTERS = 8_388_608;

export interface TemplatePlace {
  /** `Resources.Key.Properties.KeyPolicy` */
  readonly path: string;
  readonly depth: number;
}

export const placeOf = (path: string): TemplatePlace => ({ path, depth: 0 });
export const below = ({ path, depth }: TemplatePlace, member: string | number): TemplatePlace => ({
  path: typeof member === 'number' ? `${path}[${member}]` : `${path}.${member}`,
  depth: depth + 1,
});

export const refuse = ({ path }: TemplatePlace, problem: string, hints: readonly string[] = []): never => {
  throw new EnvironmentError(`${path}: ${problem}`, hints);
};

/** What the functions of one template may still do. */
export class EvaluationBudget {
  #steps = MAX_STEPS;
  #characters = MAX_CHARACTERS;

  step(at: TemplatePlace): void {
    this.#steps -= 1;
    if (this.#steps < 0) refuse(at, `the template takes more than ${MAX_STEPS.toLocaleString('en')} steps to evaluate`);
    if (at.depth > MAX_DEPTH)
      refuse({ ...at, path: at.path.slice(0, 200) }, `nested more than ${MAX_DEPTH} levels deep`);
  }

  /** Counts the value that a function returns: it may be in memory once and be written many times. */
  made<T>(value: T, at: TemplatePlace): T {
    this.count(sizeOf(value), at);
    return value;
  }

  count(characters: number, at: TemplatePlace): void {
    this.#characters -= characters;
    if (this.#characters < 0) {
      refuse(at, `the functions of the template make more than ${MAX_CHARACTERS.toLocaleString('en')} characters`);
    }
  }
}

/** About what it is in JSON. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (!isObject(value) && !Array.isArray(value)) return 1;
  let size = 1;
  for (const [name, item] of Object.entries(value)) size += (Array.isArray(value) ? 1 : name.length) + sizeOf(item);
  return size;
}
