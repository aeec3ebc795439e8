/** A command's options: those of its input shape, and those of all commands. */
import type { NamedThing, Shape, StructureShape } from '../../../model/shape.ts';
import { hyphenate } from '../../../model/spelling.ts';
import type { Option } from './words.ts';

/** An option that gives a member of the input. */
export interface MemberOption extends Option {
  readonly member: string;
  readonly shape: Shape;
  /** What a boolean option sets its member to. */
  readonly sets?: boolean;
}

/** Any that a command takes beside the global ones. */
export type CommandOption = Option | MemberOption;

/** All of them, in the order in which what is missing is reported. */
export const optionsOf = ({
  input,
  paginated,
}: {
  readonly input: StructureShape;
  readonly paginated?: boolean | undefined;
}): readonly CommandOption[] => [...memberOptions(input), ...commonOptions(paginated === true)];

export const optionName = (member: string): string => `--${hyphenate(member)}`;

/** In the model's order, which is the order of `the following arguments are required` and of ambiguous matches. */
export const memberOptions = (input: StructureShape): readonly MemberOption[] =>
  Object.entries(input.members).flatMap(([member, { shape, required }]): MemberOption[] => {
    const name = optionName(member);
    if (shape.type !== 'boolean') {
      const names = namedThing(shape);
      const shortName = shape.type === 'string' ? shape.shortName : undefined;
      const short = shortName === undefined ? {} : { shortForm: `--${shortName}` };
      const row = { name, ...short, member, shape, required, takes: shape.type === 'list' ? 'many' : 'one' } as const;
      return [names ? { ...row, names } : row];
    }
    const row = { member, shape, takes: 'nothing' } as const;
    return [
      { ...row, name, required, sets: true },
      { ...row, name: `--no-${hyphenate(member)}`, target: name, sets: false },
    ];
  });

function namedThing(shape: Shape): NamedThing | undefined {
  if (shape.type === 'list') return namedThing(shape.of);
  return shape.type === 'string' ? shape.names : undefined;
}

/** Options of every command, after its own ... */
export const CLI_INPUT_JSON = { name: '--cli-input-json', takes: 'one' } as const satisfies Option;
export const CLI_INPUT_YAML = { name: '--cli-input-yaml', takes: 'one' } as const satisfies Option;
export const GENERATE_CLI_SKELETON = {
  name: '--generate-cli-skeleton',
  takes: 'maybe',
  choices: ['input', 'output', 'yaml-input'],
} as const satisfies Option;

/** ... and of paginated ones. */
export const STARTING_TOKEN = { name: '--starting-token', takes: 'one' } as const satisfies Option;
export const PAGE_SIZE = { name: '--page-size', takes: 'one', integer: true } as const satisfies Option;
export const MAX_ITEMS = { name: '--max-items', takes: 'one', integer: true } as const satisfies Option;

export const commonOptions = (paginated: boolean): readonly Option[] => [
  CLI_INPUT_JSON,
  CLI_INPUT_YAML,
  ...(paginated ? [STARTING_TOKEN, PAGE_SIZE, MAX_ITEMS] : []),
  GENERATE_CLI_SKELETON,
];
