import type { DiagramNode } from '../../../server/diagram/diagram.types.ts';
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
