/** `--generate-cli-skeleton`: an input to fill in, as JSON or YAML, or a sample of the answer. */
import type { Member, Shape, StructureShape } from '../../../model/shape.ts';

/** Ready to print: four spaces of indentation. */
export const jsonSkeleton = (input: StructureShape): string => `${JSON.stringify(blank(input), null, 4)}\n`;

function blank(shape: Shape): unknown {
  switch (shape.type) {
    case 'string':
      return shape.enum?.[0] ?? '';
    case 'integer':
      return 0;
    case 'boolean':
      return true;
    case 'timestamp':
      return '1970-01-01T00:00:00';
    case 'list':
      return [blank(shape.of)];
    case 'map':
      return { KeyName: blank(shape.value) };
    case 'structure':
      return Object.fromEntries(Object.entries(shape.members).map(([name, member]) => [name, blank(member.shape)]));
    case 'blob':
    case 'document':
      return null;
  }
}

type Texts = { readonly [member: string]: string };

/**
 * Ready to print: block style. A comment says whether a member is required, what it is and which values it takes.
 * @param texts of the members at the top
 */
export function yamlSkeleton(input: StructureShape, texts: Texts): string {
  const lines = yamlMembers(input, texts);
  return lines.length === 0 ? '{}\n' : `${lines.join('\n')}\n`;
}

function yamlMembers({ members }: StructureShape, texts: Texts = {}): readonly string[] {
  const lines: string[] = [];
  for (const [name, member] of Object.entries(members)) {
    const value = yamlLines(member.shape);
    // the AWS CLI leaves two blanks before the first comment of a structure, one before the others
    const comment = commentOn(member, texts[name]).replace(/^(?=.)/, lines.length === 0 ? '  ' : ' ');
    if (isScalar(member.shape)) lines.push(`${name}: ${value[0]}${comment}`);
    else lines.push(`${name}:${comment}`, ...value);
  }
  return lines;
}

/** Those of maps and structures are indented already; those of lists stand under their key. */
function yamlLines(shape: Shape): readonly string[] {
  switch (shape.type) {
    case 'string':
      return [shape.enum?.[0] ?? "''"];
    case 'blob':
      return ["!!binary ''"];
    case 'timestamp':
      return ['1970-01-01 00:00:00'];
    case 'list':
      return yamlLines(shape.of).map((line, index) => (index === 0 ? `- ${line.trimStart()}` : line));
    case 'map':
      return isScalar(shape.value)
        ? [`  KeyName: ${yamlLines(shape.value)[0]}`]
        : ['  KeyName:', ...yamlLines(shape.value).map((line) => `  ${line}`)];
    case 'structure':
      return yamlMembers(shape).map((line) => `  ${line}`);
    default:
      return [String(blank(shape))];
  }
}

const isScalar = ({ type }: Shape): boolean => type !== 'list' && type !== 'map' && type !== 'structure';

function commentOn({ shape, required }: Member, text: string | undefined): string {
  const parts = [];
  if (required) parts.push('[REQUIRED]');
  if (text !== undefined) parts.push(firstSentence(text));
  const values = shape.type === 'string' ? shape.enum : undefined;
  if (values) parts.push(`Valid values are: ${values.join(', ')}.`);
  return parts.length === 0 ? '' : `# ${parts.join(' ')}`;
}

const firstSentence = (text: string): string => /^.*?[.](?=\s|$)/.exec(text)?.[0] ?? text;

/** Strings are filled with their own name, as in the AWS CLI, whose own samples fail for half of the operations. */
export function sampleOutput(output: StructureShape): { readonly [member: string]: unknown } {
  return sample(output, '') as { readonly [member: string]: unknown };
}

function sample(shape: Shape, name: string): unknown {
  switch (shape.type) {
    case 'string':
      return shape.enum?.[0] ?? name;
    case 'integer':
      return shape.min ?? 0;
    case 'blob':
      return new TextEncoder().encode('blob');
    case 'timestamp':
      return new Date(0);
    case 'list':
      return [sample(shape.of, name)];
    case 'map':
      return { KeyName: sample(shape.value, name) };
    case 'structure':
      return Object.fromEntries(
        Object.entries(shape.members).map(([member, { shape: inner }]) => [member, sample(inner, member)]),
      );
    default:
      return blank(shape);
  }
}
