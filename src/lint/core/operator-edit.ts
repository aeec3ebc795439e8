/** Another condition operator for a test, with the others left as they are. */
import { addTest, quote, removeMember, replace, type Edit } from './edit.ts';
import type { TestView } from './subject.ts';

/** Another operator for this key alone: the whole block if it has no other key, else a block of its own. */
export function changeOperator(
  { block, member, statement }: TestView,
  operator: string,
  text: string,
): readonly Edit[] {
  const condition = statement.members.get('Condition')!.value;
  const there = condition.members!.some(({ name }) => name === operator);
  if (block.value.members!.length === 1 && !there) return [replace(block, quote(operator))];
  const gone = block.value.members!.length === 1 ? removeMember(condition, block) : removeMember(block.value, member);
  const value = valueIn(text.slice(member.value.start, member.value.end));
  return value === undefined ? [] : [gone, addTest(text, statement.node, { operator, key: member.name, value })];
}

/** Of a document with faults there may be a part only; no fix but that of the faults is offered for it. */
function valueIn(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
