import type { Machine } from '../../model/machine.ts';

const kept = new WeakMap<Machine, readonly string[]>();

/**
 * The name of each component in the picture, by id: its qualified name; where a text with errors has two of one name,
 * the later ones with their number behind it (`cpu0.rp4#2`), so that each is drawn by itself.
 */
export function diagramNames(machine: Machine): readonly string[] {
  const known = kept.get(machine);
  if (known !== undefined) return known;
  const seen = new Map<string, number>();
  const names = machine.components.map(({ name }) => {
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return count === 1 ? name : `${name}#${count}`;
  });
  kept.set(machine, names);
  return names;
}
