/** The fix that takes items of Action away. */
import { removeItems, type Fix } from './edit.ts';
import type { Item, StatementView } from './subject.ts';

/** Absent if no others stay. */
export function dropItems(statement: StatementView, items: readonly Item[], title: string): Fix | undefined {
  const list = statement.action?.member.value;
  const edits =
    list &&
    removeItems(
      list,
      items.map(({ at }) => at),
    );
  return edits && { safe: true, title, edits };
}
