import type { Machine } from '../model/machine.ts';

/** The shortest end of every component's qualified name that no other component ends with, by component id. */
export function shortNames(machine: Machine): ReadonlyMap<number, string> {
  const owners = new Map<string, number>();
  for (const { name } of machine.components)
    for (const end of endsOf(name)) owners.set(end, (owners.get(end) ?? 0) + 1);
  return new Map(
    machine.components.map(({ id, name }) => [id, endsOf(name).find((end) => owners.get(end) === 1) ?? name]),
  );
}

/** `gpu0`, `p0.gpu0`, `sw.p0.gpu0` … */
function endsOf(name: string): string[] {
  const segments = name.split('.');
  return segments.map((_, at) => segments.slice(segments.length - 1 - at).join('.'));
}
