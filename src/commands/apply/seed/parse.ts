/** Reading JSON and YAML; JSON is YAML. The short forms of template functions are YAML tags. */
import type { CollectionTag, ScalarTag, YAMLMap, YAMLSeq } from 'yaml';
import { EnvironmentError } from '../../../model/error.ts';

/** Limit of the expansion of YAML aliases: a few lines can expand to more than fits into memory. */
const MAX_ALIASES = 100;

/** AWS CloudFormation User Guide, "Intrinsic function reference": those without the prefix `Fn::`, and the others. */
const BARE = ['Ref', 'Condition'];
const PREFIXED =
  'And Base64 Cidr Equals FindInMap GetAZs GetAtt If ImportValue Join Length Not Or Select Split Sub ToJsonString Transform'.split(
    ' ',
  );
const FORMS = [...BARE.map((name) => [name, name] as const), ...PREFIXED.map((name) => [name, `Fn::${name}`] as const)];

/** In YAML 1.1 a plain scalar such as 012345678901 is no number: as one, an account ID would lose its zero. */
const LEADING_ZERO: ScalarTag = {
  tag: 'tag:yaml.org,2002:str',
  default: true,
  test: /^0[0-9]+$/,
  resolve: (value) => value,
};

export async function parse(text: string, name: string): Promise<unknown> {
  const { parseDocument, Pair, Scalar, YAMLMap: NewMap } = await import('yaml');
  /** A node, not a value: aliases within it are expanded later, and counted. */
  const collection = (tag: string, long: string, kind: 'seq' | 'map'): CollectionTag => ({
    tag,
    collection: kind,
    resolve(node: YAMLMap | YAMLSeq) {
      const call = new NewMap();
      call.items.push(new Pair(new Scalar(long), node));
      return call;
    },
  });
  const customTags = FORMS.flatMap(([short, long]): (ScalarTag | CollectionTag)[] => [
    { tag: `!${short}`, resolve: (value: string) => ({ [long]: value }) },
    collection(`!${short}`, long, 'seq'),
    collection(`!${short}`, long, 'map'),
  ]);
  try {
    const parsed = parseDocument(text, { customTags: (tags) => [LEADING_ZERO, ...tags, ...customTags] });
    const [problem] = [...parsed.errors, ...parsed.warnings];
    // the parser reports that its own stack was too small as an error of the text
    if (problem?.message.startsWith('Maximum call stack')) throw problem;
    if (problem) throw new EnvironmentError(`${name}: ${problem.message.split('\n', 1)[0]!.replace(/:$/, '')}`);
    return parsed.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    if (error instanceof EnvironmentError) throw error;
    throw new EnvironmentError(`${name}: too many aliases, or nested too deeply`, [], { cause: error });
  }
}
