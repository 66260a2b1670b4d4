import type { DiagramNode } from '../../../server/diagram/diagram.types.ts';
import type { Tree } from './layout/tree.ts';
import { kindNames } from './words.ts';

/**
 * Nodes that all words of a query are found in: in the name, the kind, the part, or what is written as `group 4`,
 * `numa 1`. In the order of the text; empty for an empty query.
 */
export function matches(nodes: readonly DiagramNode[], query: string): readonly DiagramNode[] {
  const wanted = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (wanted.length === 0) return [];
  return nodes.filter((node) => {
    const text = [
      node.name,
      kindNames[node.kind],
      node.kind,
      node.part ?? '',
      node.group === null ? '' : `group group:${node.group}`,
      node.numaNode === null ? '' : `numa numa:${node.numaNode}`,
    ]
      .join(' ')
      .toLowerCase();
    return wanted.every((word) => text.includes(word));
  });
}

/** Nodes that the rules say something of, in the order of the text. */
export const found = ({ diagram, findings }: Tree): readonly string[] =>
  diagram.nodes.map((node) => node.name).filter((name) => findings.has(name));

/** Nodes that held the last run back, or whose link did: the worst first. */
export const limiting = ({ diagram, byName }: Tree): readonly string[] =>
  (diagram.load?.limits ?? []).flatMap(({ at }) => (at !== null && byName.has(at) ? [at] : []));

/** What comes after the selected one, round and round; where that is none of them, the first, or backwards the last. */
export function after(names: readonly string[], selected: string | null, step = 1): string | undefined {
  const at = selected === null ? -1 : names.indexOf(selected);
  return names[(at + (at < 0 && step < 0 ? 0 : step) + names.length) % Math.max(1, names.length)];
}
