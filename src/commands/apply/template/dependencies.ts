/** Which resources of a template are made before which others: a cycle has no order. */
import { isObject } from '../../../model/json-object.ts';
import type { TemplateResource } from './declaration.ts';
import { partsOf, SUBSTITUTIONS, type Scope } from './evaluate.ts';
import { below, placeOf, refuse, type TemplatePlace } from './place.ts';

export interface DependencyScope extends Pick<Scope, 'budget' | 'condition'> {
  readonly resources: ReadonlyMap<string, TemplateResource>;
}

/** With the words of CloudFormation (AWS blog, "Handling circular dependency errors in AWS CloudFormation"). */
export function refuseCycles(scope: DependencyScope): void {
  const dependencies = new Map<string, ReadonlySet<string>>();
  for (const { logicalId, properties, dependsOn, at } of scope.resources.values()) {
    const found = new Set(dependsOn);
    collect(properties, at, { scope, found });
    dependencies.set(logicalId, found);
  }
  const circular = withoutOrder(dependencies);
  if (circular.length > 0) {
    refuse(placeOf('Resources'), `Circular dependency between resources: [${circular.join(', ')}]`);
  }
}

/** Those on cycles and between them: what is left when all that has no dependencies, or no dependents, is taken away. */
function withoutOrder(dependencies: ReadonlyMap<string, ReadonlySet<string>>): readonly string[] {
  const dependents = new Map(Array.from(dependencies.keys(), (id) => [id, new Set<string>()]));
  for (const [id, found] of dependencies) for (const one of found) dependents.get(one)?.add(id);
  const left = new Set(dependencies.keys());
  for (const edges of [dependencies, dependents])
    takeAway(left, edges, edges === dependencies ? dependents : dependencies);
  return [...left];
}

type Edges = ReadonlyMap<string, ReadonlySet<string>>;

function takeAway(left: Set<string>, edges: Edges, reverse: Edges): void {
  const isFree = (id: string): boolean => ![...edges.get(id)!].some((one) => left.has(one));
  const free = [...left].filter(isFree);
  for (let id = free.pop(); id !== undefined; id = free.pop()) {
    left.delete(id);
    for (const next of reverse.get(id)!) if (left.has(next) && isFree(next)) free.push(next);
  }
}

interface Collected {
  readonly scope: DependencyScope;
  readonly found: Set<string>;
}

/** References, in the branches of Fn::If that are chosen. */
function collect(value: unknown, at: TemplatePlace, to: Collected): void {
  to.scope.budget.step(at);
  if (!isObject(value) && !Array.isArray(value)) return;
  const [[name, argument] = ['', undefined], ...more] = Object.entries(value);
  if (more.length === 0) {
    for (const reference of referencesIn(name, argument)) to.found.add(partsOf(reference)[0]);
    if (name === 'Fn::If' && Array.isArray(argument) && argument.length === 3 && typeof argument[0] === 'string') {
      return collect(argument[to.scope.condition(argument[0], at) ? 1 : 2], below(at, name), to);
    }
  }
  for (const [member, item] of Object.entries(value)) collect(item, below(at, member), to);
}

function referencesIn(name: string, argument: unknown): readonly string[] {
  const [first, own]: readonly unknown[] = Array.isArray(argument) ? argument : [argument];
  if (typeof first !== 'string') return [];
  if (name === 'Ref' || name === 'Fn::GetAtt') return [first];
  if (name !== 'Fn::Sub') return [];
  const named = Array.from(first.matchAll(SUBSTITUTIONS), ([, escaped, text]) => (escaped ? '' : text!));
  return named.filter((text) => !isObject(own) || !Object.hasOwn(own, text));
}
