import type { DiagramNode } from '../../../../server/diagram/diagram.types.ts';
import type { Tree } from '../layout/tree.ts';
import type { Overlay } from '../state.ts';

/** Colours for things that are told apart by number; the number itself stands beside the colour. */
const hues = 8;

export const hueOf = (number: number): string => ` hue${number % hues}`;

/** A group of one is isolated, which is what one wants: colour is for those who share. */
export const groupHue = (tree: Tree, group: number): string =>
  (tree.diagram.groups[group]?.members.length ?? 0) > 1 ? hueOf(group) : '';

/** The colour that the overlays give: that of the group where it is shared, else that of the NUMA node. */
export function tintOf(tree: Tree, node: DiagramNode, shown: ReadonlySet<Overlay>): string {
  const group = shown.has('group') && node.group !== null ? groupHue(tree, node.group) : '';
  if (group !== '') return `${group} tinted`;
  const numa = shown.has('numa') && node.numaNode !== null ? hueOf(node.numaNode) : '';
  return numa === '' ? '' : `${numa} tinted`;
}

/** The colour of the ground that a node stands on: that of its socket. */
export function groundTint(tree: Tree, name: string, shown: ReadonlySet<Overlay>): string {
  let node = tree.byName.get(name);
  for (let parent = node?.parent ?? null; parent !== null; parent = node?.parent ?? null)
    node = tree.byName.get(parent);
  return node?.kind === 'socket' ? tintOf(tree, node, shown) : '';
}
