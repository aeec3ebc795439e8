/** The smallest key policy for recorded uses: every principal gets the actions that it has used. */

export interface Use {
  /** ARN of a user, role or root user, or the name of a service. */
  readonly principal: string;
  readonly isService: boolean;
  /** `kms:Decrypt` */
  readonly action: string;
}

type GeneratedStatement = { readonly [element: string]: unknown };

export interface GeneratedPolicy {
  readonly Version: string;
  readonly Statement: readonly GeneratedStatement[];
}

/** @param administrator the root ARN of an account whose identity policies may give everything; undefined: of none */
export function policyForUse(uses: readonly Use[], administrator: string | undefined): GeneratedPolicy {
  const first = administrator === undefined ? [] : [delegation(administrator)];
  return { Version: '2012-10-17', Statement: [...first, ...statementsFor(uses)] };
}

const delegation = (root: string): GeneratedStatement => ({
  Sid: 'Administration',
  Effect: 'Allow',
  Principal: { AWS: root },
  Action: 'kms:*',
  Resource: '*',
});

/** One statement for all who did the same. */
function statementsFor(uses: readonly Use[]): readonly GeneratedStatement[] {
  const byPrincipal = new Map<string, Use[]>();
  for (const use of uses) byPrincipal.set(use.principal, [...(byPrincipal.get(use.principal) ?? []), use]);
  const groups = new Map<string, { readonly actions: readonly string[]; readonly principals: Use[] }>();
  for (const own of byPrincipal.values()) {
    const actions = own.map(({ action }) => action).toSorted();
    const group = groups.get(actions.join()) ?? { actions, principals: [] };
    group.principals.push(own[0]!);
    groups.set(actions.join(), group);
  }
  return Array.from(groups.values(), ({ principals, actions }, index) => ({
    Sid: `Used${index + 1}`,
    Effect: 'Allow',
    Principal: {
      ...named(
        'AWS',
        principals.filter(({ isService }) => !isService),
      ),
      ...named(
        'Service',
        principals.filter(({ isService }) => isService),
      ),
    },
    Action: actions,
    Resource: '*',
  }));
}

const named = (type: string, uses: readonly Use[]): GeneratedStatement =>
  uses.length > 0 ? { [type]: uses.map(({ principal }) => principal).toSorted() } : {};
