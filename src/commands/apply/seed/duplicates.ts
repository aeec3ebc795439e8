/** What a file declares twice: the second would change what the first made, each time that the file is applied. */
import { EnvironmentError } from '../../../model/error.ts';
import type { Home } from '../../../model/arn.ts';
import type { Seed } from './document.ts';

export function refuseDuplicates(
  { Keys = [], Aliases = [], Principals = [], AccessKeys = [] }: Seed,
  home: Home,
): void {
  const keyAliases = Keys.flatMap(({ Aliases: names = [], Region }) =>
    names.map((AliasName) => ({ AliasName, Region })),
  );
  const inRegion = (name: string, region = home.region): string => `${name} in ${region}`;
  for (const [what, names] of [
    ['key', Keys.map(({ KeyId, Region }) => inRegion(KeyId, Region))],
    ['alias', [...keyAliases, ...Aliases].map(({ AliasName, Region }) => inRegion(AliasName, Region))],
    ['principal', Principals.map(({ Arn }) => Arn)],
    ['access key', AccessKeys.map(({ AccessKeyId }) => AccessKeyId)],
    ...Principals.map(
      ({ Arn, Policies = [] }) => [`policy of ${Arn}`, Policies.map(({ PolicyName }) => PolicyName)] as const,
    ),
    ...Keys.map(({ KeyId, Grants = [] }) => [`grant of ${KeyId}`, Grants.map(({ Name }) => Name)] as const),
  ] as const) {
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) throw new EnvironmentError(`the ${what} ${twice} is declared twice`);
  }
}
