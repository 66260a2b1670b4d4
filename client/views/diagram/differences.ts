import type { Tree } from './layout/tree.ts';
import type { Differences } from './messages.ts';

/** What is otherwise in another machine, by the nodes of this one; by null what is said of the machine as a whole. */
export type DifferencesByNode = ReadonlyMap<string | null, readonly string[]>;

/** What only the other machine has stands at the nearest thing around it that this one has too. */
export function differencesByNode(differences: Differences | null, tree: Tree): DifferencesByNode {
  const found = new Map<string | null, string[]>();
  for (const { subject, words } of differences?.changes ?? []) {
    const at = nearest(subject, tree);
    const known = found.get(at);
    if (known === undefined) found.set(at, [words]);
    else known.push(words);
  }
  return found;
}

function nearest(subject: string, tree: Tree): string | null {
  for (let name = subject; name !== ''; name = name.slice(0, Math.max(0, name.lastIndexOf('.')))) {
    if (tree.byName.has(name)) return name;
  }
  return null;
}
