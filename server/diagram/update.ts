import type { Diagram, DiagramUpdate, ListChange } from './diagram.types.ts';

/** How one picture becomes another of the same document; null: they are alike but for the version. */
export function updateBetween(before: Diagram, now: Diagram): DiagramUpdate | null {
  const parts: Partial<DiagramUpdate> = {
    ...(before.machine === now.machine ? {} : { machine: now.machine }),
    ...(isSame(before.machines, now.machines) ? {} : { machines: now.machines }),
    ...part(
      'nodes',
      listChange(before.nodes, now.nodes, (node) => node.name),
    ),
    ...part(
      'links',
      listChange(before.links, now.links, (link) => link.name),
    ),
    ...part(
      'connections',
      listChange(before.connections, now.connections, (each) => each.name),
    ),
    ...part(
      'groups',
      listChange(before.groups, now.groups, (group) => group.id),
    ),
    ...part(
      'findings',
      listChange(before.findings ?? [], now.findings ?? [], (finding) => finding.code),
    ),
    ...(isSame(before.load, now.load) ? {} : { load: now.load }),
    ...(before.errors === now.errors ? {} : { errors: now.errors }),
  };
  const isFirstLook = before.findings === null && now.findings !== null;
  if (Object.keys(parts).length === 0 && !isFirstLook) return null;
  return { version: now.version, ...(isFirstLook ? { findings: emptyChange } : {}), ...parts };
}

const emptyChange: ListChange<never> = { changed: [], at: 0, removed: 0, added: [] };

/** The next picture: what an update does not speak of stays the same object. */
export function updated(before: Diagram, update: DiagramUpdate): Diagram {
  const { nodes, links, connections, groups, findings, ...plain } = update;
  return {
    ...before,
    ...plain,
    nodes: changedList(before.nodes, nodes),
    links: changedList(before.links, links),
    connections: changedList(before.connections, connections),
    groups: changedList(before.groups, groups),
    findings: findings === undefined ? before.findings : changedList(before.findings ?? [], findings),
  };
}

const part = <K extends keyof DiagramUpdate>(
  key: K,
  change: DiagramUpdate[K] | null,
): Partial<Pick<DiagramUpdate, K>> => (change === null ? {} : ({ [key]: change } as Pick<DiagramUpdate, K>));

/** @param keyOf what tells an element from its neighbours: the stretch that is replaced begins and ends where keys differ */
function listChange<T>(
  before: readonly T[],
  now: readonly T[],
  keyOf: (element: T) => string | number,
): ListChange<T> | null {
  if (before === now) return null;
  const isAlike = (a: T | undefined, b: T | undefined) =>
    a === b || (a !== undefined && b !== undefined && keyOf(a) === keyOf(b));
  const least = Math.min(before.length, now.length);
  let at = 0;
  while (at < least && isAlike(before[at], now[at])) at++;
  let same = 0;
  while (same < least - at && isAlike(before[before.length - 1 - same], now[now.length - 1 - same])) same++;
  const changed: [number, T][] = [];
  const compare = (index: number, element: T | undefined): void => {
    if (element !== undefined && !isSame(before[index], element)) changed.push([index, element]);
  };
  for (let index = 0; index < at; index++) compare(index, now[index]);
  for (let index = before.length - same; index < before.length; index++) {
    compare(index, now[index + now.length - before.length]);
  }
  const removed = before.length - same - at;
  const added = now.slice(at, now.length - same);
  return changed.length === 0 && removed === 0 && added.length === 0 ? null : { changed, at, removed, added };
}

function changedList<T>(before: readonly T[], change: ListChange<T> | undefined): readonly T[] {
  if (change === undefined) return before;
  const made = [...before];
  for (const [index, now] of change.changed) made[index] = now;
  made.splice(change.at, change.removed, ...change.added);
  return made;
}

/** Whether two pieces of plain data say the same. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false;
    for (let index = 0; index < a.length; index++) if (!isSame(a[index], b[index])) return false;
    return true;
  }
  const [mine, theirs] = [a as Readonly<Record<string, unknown>>, b as Readonly<Record<string, unknown>>];
  let count = 0;
  for (const key in mine) {
    count++;
    if (!(key in theirs) || !isSame(mine[key], theirs[key])) return false;
  }
  for (const _ in theirs) count--;
  return count === 0;
}
