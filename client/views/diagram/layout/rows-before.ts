import type { Layout, Missing } from './layout.types.ts';
import type { Tree } from './tree.ts';

/** What is missing now from the layout before, and from those before that. */
export function missingFrom(before: Layout | null, tree: Tree): Missing | null {
  if (before === null) return null;
  const names = [...before.cells, ...(before.missing?.names ?? [])].filter((name) => !tree.byName.has(name));
  return names.length === 0
    ? null
    : { names: new Set(names), rowStarts: before.missing?.rowStarts ?? before.rowStarts };
}

/** Where rows began: what is back finds everything as it was. */
export function startsBefore(before: Layout | null, tree: Tree): ReadonlySet<string> {
  const { missing, rowStarts } = before ?? { missing: null, rowStarts: new Set<string>() };
  const isBack = missing !== null && [...missing.names].some((name) => tree.byName.has(name));
  return isBack ? missing.rowStarts : rowStarts;
}
