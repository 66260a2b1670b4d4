import type { Machine } from '../../model/machine.ts';

/** Where something was said, and what is said about it: nothing of what a machine does. */
const places: ReadonlySet<string> = new Set(['origin', 'nameOrigin', 'said', 'allows', 'assumptions']);
const named: ReadonlySet<string> = new Set([...places, 'name']);

/** The fields of a machine that are lists of things with names, and the fields of those things that only say names. */
const things: Readonly<Record<string, ReadonlySet<string>>> = {
  components: new Set([...named, 'label']),
  links: new Set([...named, 'limitedAt', 'reasons']),
  connections: named,
  virtualMachines: named,
  partitions: named,
};

/**
 * Whether two machines do the same whatever is done with them: alike but for their names and for where they stand in the
 * text. Parts that are the same object are not looked into, so that two machines of one text, a keystroke apart, are
 * compared at once.
 */
export function behavesAlike(one: Machine, other: Machine): boolean {
  if (one === other) return true;
  const [a, b] = [fieldsOf(one), fieldsOf(other)];
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => {
    if (named.has(key)) return true;
    const left = things[key];
    return left === undefined ? isAlike(a[key], b[key], places) : areAlike(a[key], b[key], left);
  });
}

/** Lists whose elements are alike but for some of their fields. */
const areAlike = (a: unknown, b: unknown, left: ReadonlySet<string>): boolean =>
  Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((each, at) => isAlike(each, b[at], left));

/** @param left fields that may differ; of what stands within the others only its places may */
function isAlike(a: unknown, b: unknown, left: ReadonlySet<string>): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) || Array.isArray(b)) return areAlike(a, b, places);
  const [mine, theirs] = [fieldsOf(a), fieldsOf(b)];
  for (const key in mine) if (!left.has(key) && !isAlike(mine[key], theirs[key], places)) return false;
  for (const key in theirs) if (!left.has(key) && theirs[key] !== undefined && mine[key] === undefined) return false;
  return true;
}

const fieldsOf = (thing: object): Readonly<Record<string, unknown>> => thing as Readonly<Record<string, unknown>>;
