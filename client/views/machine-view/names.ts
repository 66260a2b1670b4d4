/**
 * For each qualified name the shortest end of it that no other name of the list has: `gpu0`, `rp0.sw.gpu0`. A name that
 * is the end of another keeps its whole self.
 */
export function shortNames(names: readonly string[]): ReadonlyMap<string, string> {
  const users = new Map<string, number>();
  const endsOf = (name: string): readonly string[] => {
    const parts = name.split('.');
    return parts.map((_, index) => parts.slice(parts.length - 1 - index).join('.'));
  };
  const distinct = [...new Set(names)];
  for (const name of distinct) for (const end of endsOf(name)) users.set(end, (users.get(end) ?? 0) + 1);
  return new Map(distinct.map((name) => [name, endsOf(name).find((end) => users.get(end) === 1) ?? name]));
}
