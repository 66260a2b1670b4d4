import type { LinkUse } from '../../../simulator/simulate.types.ts';

/** Both directions of a link. */
export interface LinkRow {
  readonly name: string;
  readonly up: LinkUse | null;
  readonly down: LinkUse | null;
  readonly busiest: number;
}

/** One row for each link that carried anything, the busiest first. */
export function linkRows(links: readonly LinkUse[]): readonly LinkRow[] {
  const rows = new Map<string, LinkRow>();
  for (const use of links) {
    const row = rows.get(use.name) ?? { name: use.name, up: null, down: null, busiest: 0 };
    rows.set(use.name, { ...row, [use.direction]: use, busiest: Math.max(row.busiest, use.utilisation) });
  }
  return [...rows.values()]
    .filter((row) => (row.up?.wireBytes ?? 0) + (row.down?.wireBytes ?? 0) > 0)
    .sort((a, b) => b.busiest - a.busiest || a.name.localeCompare(b.name, 'en', { numeric: true }));
}
