import type { WorkItem } from '../../../server/protocol.ts';

/** A line of the picker of work. */
export interface WorkChoice {
  readonly label: string;
  readonly description: string;
  /** Null: all work of the file. */
  readonly name: string | null;
}

/** What can be run: the work that the cursor is at comes first, everything at once comes last. */
export function workChoices(items: readonly WorkItem[], cursorLine: number): readonly WorkChoice[] {
  const at = items.filter((item) => item.range.start.line <= cursorLine).at(-1);
  const rest = items.filter((item) => item !== at);
  const choices = [...(at === undefined ? [] : [at]), ...rest].map((item) => ({
    label: item.name,
    description: describe(item),
    name: item.name,
  }));
  if (items.length < 2) return choices;
  return [...choices, { label: 'All work in this file', description: `${items.length} items`, name: null }];
}

function describe(item: WorkItem): string {
  const count = item.expectations.length;
  if (count === 0) return item.kind;
  return `${item.kind}, ${count} ${count === 1 ? 'expectation' : 'expectations'}`;
}
