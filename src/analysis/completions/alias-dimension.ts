/** The alias of a call that was not named. */
import type { Decision } from '../../policy/decision.ts';
import type { AccessRequest } from '../../policy/request.ts';
import { isAnyAlias, type Resource } from '../../policy/resource.ts';
import { textClasses } from '../prover/automaton.ts';
import type { Budget } from '../prover/budget.ts';
import { consideredPatterns } from './considered-patterns.ts';
import type { Dimension } from './dimension.ts';

/** Of an alias that was not named one of every name that the policies tell apart. */
function aliasesFor({ request, considered }: Decision, budget: Budget): readonly Resource[] {
  const { resource, context } = request;
  if (!isAnyAlias(resource)) return [];
  const beginning = resource.arn.slice(0, -1);
  const domain = { positions: [...Array.from(beginning), ALIAS_CHARACTERS], repeats: true };
  const { texts } = textClasses(
    consideredPatterns(considered, context).map((glob) => ({ kind: 'glob', glob })),
    { budget, domain },
  );
  const isOwn = (arn: string): boolean => !arn.slice(beginning.length).startsWith('aws/');
  return texts.filter(isOwn).map((arn) => Object.assign({}, resource, { arn }));
}

export function aliasDimensions(decision: Decision, budget: Budget): readonly Dimension[] {
  const aliases = aliasesFor(decision, budget);
  if (aliases.length === 0) return [];
  return [
    {
      name: 'alias',
      option: '--alias-name',
      keys: [],
      isRequired: true,
      options: aliases.map(
        (alias) => (before: AccessRequest) => (before.resource.kind === 'alias' ? onResource(before, alias) : before),
      ),
    },
  ];
}

const ALIAS_CHARACTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/_-';

const onResource = (request: AccessRequest, resource: Resource): AccessRequest => ({
  ...request,
  resource,
  ...(request.facts ? { facts: { ...request.facts, resource } } : {}),
});
