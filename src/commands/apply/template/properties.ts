/** Reading properties of a resource, which CloudFormation also takes as strings. */
import { below, refuse } from './place.ts';
import type { TemplateResource } from './declaration.ts';
import type { ParsedTemplate } from './resources.ts';

/** One that is not known here could be one that restricts. */
export function refuseProperties({ type, properties, at }: TemplateResource, known: readonly string[]): void {
  const unknown = Object.keys(properties).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  refuse(at, `unknown property ${unknown} of ${type}`, [`properties: ${known.join(', ')}`]);
}

/** CloudFormation reads YAML 1.1 (AWS CloudFormation User Guide, "CloudFormation template formats"), and booleans in quotes. */
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ...['true', 'yes', 'on'].map((text) => [text, true] as const),
  ...['false', 'no', 'off'].map((text) => [text, false] as const),
]);

export function switchOf(template: ParsedTemplate, resource: TemplateResource, name: string): boolean | undefined {
  const value = template.property(resource, name);
  if (value === undefined || typeof value === 'boolean') return value;
  if (typeof value === 'string' && BOOLEANS.has(value.toLowerCase())) return BOOLEANS.get(value.toLowerCase());
  return refuse(below(resource.at, name), 'expected true or false');
}

export function numberOf(template: ParsedTemplate, resource: TemplateResource, name: string): number | undefined {
  const value = template.property(resource, name);
  if (value === undefined || typeof value === 'number') return value;
  return typeof value === 'string' && /^\d{1,9}$/.test(value)
    ? Number(value)
    : refuse(below(resource.at, name), 'expected a number');
}

/** Empty if it is absent. */
export function listOf(template: ParsedTemplate, resource: TemplateResource, name: string): readonly unknown[] {
  const value = template.property(resource, name);
  if (value === undefined) return [];
  return Array.isArray(value) ? value : refuse(below(resource.at, name), 'expected a list');
}

export const textsOf = (template: ParsedTemplate, resource: TemplateResource, name: string): readonly string[] =>
  listOf(template, resource, name).map((item, index) =>
    typeof item === 'string' ? item : refuse(below(below(resource.at, name), index), 'expected a string'),
  );
