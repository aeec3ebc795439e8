/** The intrinsic functions of CloudFormation (AWS CloudFormation User Guide, "Intrinsic function reference"). */
import { toBase64 } from '../../../model/base64.ts';
import { isObject, type JsonObject } from '../../../model/json-object.ts';
import { cidrBlocks } from './cidr.ts';
import { below, refuse, type EvaluationBudget, type TemplatePlace } from './place.ts';

/** What names in a template stand for. */
export interface Scope {
  readonly budget: EvaluationBudget;
  readonly mappings: JsonObject;
  readonly imports: { readonly [name: string]: string };
  condition(name: string, at: TemplatePlace): boolean;
  reference(name: string, at: TemplatePlace): unknown;
  attribute(logicalId: string, attribute: string, at: TemplatePlace): unknown;
}

/** The value of AWS::NoValue: the member, or the item of a list, is not there. */
export const NO_VALUE = Symbol('AWS::NoValue');

type TemplateFunction = (argument: unknown, scope: Scope, at: TemplatePlace) => unknown;

/** @returns a value without functions; NO_VALUE if there is none */
export function evaluate(value: unknown, scope: Scope, at: TemplatePlace): unknown {
  scope.budget.step(at);
  if (Array.isArray(value)) {
    return value.map((item, index) => evaluate(item, scope, below(at, index))).filter((item) => item !== NO_VALUE);
  }
  if (!isObject(value)) return value;
  const members = Object.entries(value);
  const [name, argument] = members[0] ?? [''];
  if (members.length === 1 && Object.hasOwn(FUNCTIONS, name)) {
    return scope.budget.made(FUNCTIONS[name]!(argument, scope, below(at, name)), at);
  }
  const unsupported = members.find(([member]) => member.startsWith('Fn::'))?.[0];
  if (unsupported !== undefined) refuse(at, `the function ${unsupported} is not supported${reasonOf(unsupported)}`);
  const evaluated = members.map(([member, item]) => [member, evaluate(item, scope, below(at, member))] as const);
  return Object.fromEntries(evaluated.filter(([, item]) => item !== NO_VALUE));
}

/** Why a function of CloudFormation is not among those that are evaluated here. */
const REASONS: ReadonlyMap<string, string> = new Map([
  ['Fn::GetAZs', 'the Availability Zones of the account are not known'],
  ['Fn::Transform', 'macros are not known; apply the processed template'],
  ['Fn::ForEach', 'apply the processed template'],
]);

function reasonOf(name: string): string {
  const reason = REASONS.get(name.split('::').slice(0, 2).join('::'));
  return reason === undefined ? '' : `: ${reason}`;
}

/** Whether a condition holds. */
export function isTrue(value: unknown, scope: Scope, at: TemplatePlace): boolean {
  scope.budget.step(at);
  const [[name, argument] = ['', undefined], ...more] = isObject(value) ? Object.entries(value) : [];
  const test = more.length === 0 && Object.hasOwn(TESTS, name) ? TESTS[name] : undefined;
  if (test) return test(argument, scope, below(at, name));
  if (value === true || value === 'true') return true;
  if (value === false || value === 'false') return false;
  return refuse(at, `expected one of ${Object.keys(TESTS).join(', ')}`);
}

const TESTS: { readonly [name: string]: (argument: unknown, scope: Scope, at: TemplatePlace) => boolean } = {
  Condition: (name, scope, at) => scope.condition(literal(name, at), at),
  'Fn::Equals': (argument, scope, at) => {
    const [one, other] = listed(argument, at, 2, 2).map((item, index) => evaluate(item, scope, below(at, index)));
    return JSON.stringify(asText(one)) === JSON.stringify(asText(other));
  },
  'Fn::And': (argument, scope, at) => truths(argument, scope, at).every(Boolean),
  'Fn::Or': (argument, scope, at) => truths(argument, scope, at).some(Boolean),
  'Fn::Not': (argument, scope, at) => !isTrue(listed(argument, at, 1, 1)[0], scope, below(at, 0)),
};

/** All are evaluated, so that a mistake in one is always told. */
const truths = (argument: unknown, scope: Scope, at: TemplatePlace): readonly boolean[] =>
  listed(argument, at, 1, 10).map((item, index) => isTrue(item, scope, below(at, index)));

/** Numbers and booleans are read as they are written. */
export const asText = (value: unknown): unknown =>
  typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;

const FUNCTIONS: { readonly [name: string]: TemplateFunction } = {
  Ref: (name, scope, at) => scope.reference(literal(name, at), at),
  'Fn::GetAtt': (argument, scope, at) => {
    const [logicalId, attribute] = partsOf(
      Array.isArray(argument)
        ? listed(argument, at, 2, 2)
            .map((part) => textOf(evaluate(part, scope, at), at))
            .join('.')
        : literal(argument, at),
    );
    return scope.attribute(logicalId, attribute ?? refuse(at, 'expected RESOURCE.ATTRIBUTE'), at);
  },
  'Fn::Sub': (argument, scope, at) => {
    const [text, own] = Array.isArray(argument) ? listed(argument, at, 2, 2) : [argument, {}];
    const values = isObject(own) ? own : refuse(at, 'the second item must be an object');
    return literal(text, at).replace(SUBSTITUTIONS, (_, escaped: string, name: string) => {
      if (escaped) return `\${${name}}`;
      const [logicalId, attribute] = partsOf(name);
      const value = Object.hasOwn(values, name)
        ? evaluate(values[name], scope, below(at, name))
        : attribute === undefined
          ? scope.reference(name, at)
          : scope.attribute(logicalId, attribute, at);
      return scope.budget.made(textOf(value, at), at);
    });
  },
  'Fn::Join': (argument, scope, at) => {
    const [separator, items] = listed(argument, at, 2, 2);
    const texts = itemsOf(evaluate(items, scope, below(at, 1)), at).map((item) => textOf(item, at));
    scope.budget.count(texts.length * literal(separator, at).length, at);
    return texts.join(literal(separator, at));
  },
  'Fn::Split': (argument, scope, at) => {
    const [separator, text] = listed(argument, at, 2, 2);
    const parts = literal(separator, at) || refuse(at, 'the separator is empty');
    return textOf(evaluate(text, scope, below(at, 1)), at).split(parts);
  },
  'Fn::Select': (argument, scope, at) => {
    const [index, items] = listed(argument, at, 2, 2);
    const chosen = Number(textOf(evaluate(index, scope, below(at, 0)), at));
    const all = itemsOf(evaluate(items, scope, below(at, 1)), at);
    return Number.isInteger(chosen) && chosen >= 0 && chosen < all.length
      ? all[chosen]
      : refuse(at, `there is no such item in a list of ${all.length}`);
  },
  'Fn::FindInMap': (argument, scope, at) => {
    const [first, second, third, fallback] = listed(argument, at, 3, 4);
    const names = [first, second, third].map((part, index) => textOf(evaluate(part, scope, below(at, index)), at));
    let found: unknown = scope.mappings;
    for (const name of names) found = isObject(found) && Object.hasOwn(found, name) ? found[name] : undefined;
    if (found !== undefined) return mapped(found, at);
    if (isObject(fallback) && Object.hasOwn(fallback, 'DefaultValue')) {
      return evaluate(fallback['DefaultValue'], scope, below(at, 'DefaultValue'));
    }
    return refuse(at, `the mappings have no value for ${names.join(', ')}`);
  },
  'Fn::If': (argument, scope, at) => {
    const [name, whenTrue, whenFalse] = listed(argument, at, 3, 3);
    return scope.condition(literal(name, at), at)
      ? evaluate(whenTrue, scope, below(at, 1))
      : evaluate(whenFalse, scope, below(at, 2));
  },
  'Fn::ImportValue': (argument, scope, at) => {
    const name = textOf(evaluate(argument, scope, at), at);
    if (Object.hasOwn(scope.imports, name)) return scope.imports[name];
    return refuse(at, `the value that another stack exports as ${name} is not known`, [`--imports ${name}=VALUE`]);
  },
  'Fn::Base64': (argument, scope, at) => toBase64(Buffer.from(textOf(evaluate(argument, scope, at), at))),
  'Fn::ToJsonString': (argument, scope, at) => JSON.stringify(evaluate(argument, scope, at)),
  'Fn::Cidr': (argument, scope, at) => {
    const [block = '', count, bits] = listed(argument, at, 3, 3).map((part, index) =>
      textOf(evaluate(part, scope, below(at, index)), at),
    );
    return cidrBlocks({ block, count: Number(count), bits: Number(bits) }, at);
  },
  'Fn::Length': (argument, scope, at) => itemsOf(evaluate(argument, scope, at), at).length,
};

const isScalar = (value: unknown): boolean => ['string', 'number', 'boolean'].includes(typeof value);

const mapped = (value: unknown, at: TemplatePlace): unknown =>
  isScalar(value) || (Array.isArray(value) && value.every(isScalar))
    ? value
    : refuse(at, 'the value in the mappings is neither a string nor a list of strings');

/** What Fn::Sub replaces; `${!Literal}` stays. */
export const SUBSTITUTIONS = /\$\{(!?)([^${}]*)\}/g;

/** `Key.Arn`: an attribute can have dots of its own. */
export function partsOf(name: string): readonly [logicalId: string, attribute: string | undefined] {
  const dot = name.indexOf('.');
  return dot < 0 ? [name, undefined] : [name.slice(0, dot), name.slice(dot + 1)];
}

const literal = (value: unknown, at: TemplatePlace): string =>
  typeof value === 'string' ? value : refuse(at, 'expected a string, not a function or another value');

const textOf = (value: unknown, at: TemplatePlace): string => {
  const text = asText(value);
  return typeof text === 'string' ? text : refuse(at, 'expected a string');
};

const itemsOf = (value: unknown, at: TemplatePlace): readonly unknown[] =>
  Array.isArray(value) ? value : refuse(at, 'expected a list');

function listed(value: unknown, at: TemplatePlace, min: number, max: number): readonly unknown[] {
  const items = itemsOf(value, at);
  if (items.length >= min && items.length <= max) return items;
  return refuse(at, `expected ${min === max ? min : `${min} to ${max}`} items, not ${items.length}`);
}
