/**
 * For each qualified name a shorter one that can mean no other of the list: names of the way to it are left out, from the
 * nearest outwards, as long as what remains leads to one component only. `cpu0.rp1.sw.p0.gpu0` may become `rp1.gpu0`.
 */
export function shortNames(names: readonly string[]): ReadonlyMap<string, string> {
  // What a name ends with stays; only names with the same end can be taken for each other.
  const rivals = new Map<string, (readonly string[])[]>();
  for (const name of new Set(names)) {
    const parts = name.split('.');
    const end = parts.at(-1) ?? '';
    rivals.set(end, [...(rivals.get(end) ?? []), parts]);
  }
  const short = new Map<string, string>();
  for (const group of rivals.values()) {
    for (const parts of group) {
      const others = group.filter((other) => other !== parts);
      let kept = parts;
      for (let index = parts.length - 2; index >= 0; index--) {
        const fewer = kept.filter((_, place) => place !== index);
        if (!others.some((other) => leadsTo(fewer, other))) kept = fewer;
      }
      short.set(parts.join('.'), kept.join('.'));
    }
  }
  return short;
}

/** Whether the parts stand in a name in their order, whatever else stands between them. */
function leadsTo(parts: readonly string[], name: readonly string[]): boolean {
  let at = 0;
  for (const part of name) if (part === parts[at]) at += 1;
  return at === parts.length;
}
