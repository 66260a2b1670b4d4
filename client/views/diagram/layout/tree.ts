import type { Diagram, DiagramFinding, DiagramLink, DiagramNode } from '../../../../server/diagram/diagram.types.ts';
import { findingsByNode } from '../findings.ts';

/** A diagram whose findings are those of the text, or of the last one that was checked. */
export interface CheckedDiagram extends Diagram {
  readonly findings: readonly DiagramFinding[];
}

/** The nodes of a diagram by what hangs below what. */
export interface Tree {
  readonly diagram: CheckedDiagram;
  readonly byName: ReadonlyMap<string, DiagramNode>;
  readonly roots: readonly DiagramNode[];
  readonly below: (name: string) => readonly DiagramNode[];
  /** The link that leads down from a port, or from its socket to a chipset. */
  readonly linkOfPort: ReadonlyMap<string, DiagramLink>;
  /** The link that ends at a device, a switch or a chipset from above. */
  readonly linkOfDevice: ReadonlyMap<string, DiagramLink>;
  /** What the rules say of a node, the most serious first. */
  readonly findings: ReadonlyMap<string, readonly [DiagramFinding, ...DiagramFinding[]]>;
}

/** @param before what was shown: its findings stay until the new text is checked, and what did not change is kept */
export function treeOf(drawn: Diagram, before: Tree | null = null): Tree {
  const same = before !== null && before.diagram.uri === drawn.uri && before.diagram.machine === drawn.machine;
  const diagram = { ...drawn, findings: drawn.findings ?? (same ? before.diagram.findings : []) };
  return {
    diagram,
    ...(before?.diagram.nodes === diagram.nodes ? nodesAgain(before) : nodesOf(diagram.nodes)),
    ...(before?.diagram.links === diagram.links ? linksAgain(before) : linksOf(diagram.links)),
    findings: before?.diagram.findings === diagram.findings ? before.findings : findingsByNode(diagram.findings),
  };
}

type Nodes = Pick<Tree, 'byName' | 'roots' | 'below'>;
const nodesAgain = ({ byName, roots, below }: Tree): Nodes => ({ byName, roots, below });

function nodesOf(nodes: readonly DiagramNode[]): Nodes {
  const children = new Map<string, DiagramNode[]>();
  const roots: DiagramNode[] = [];
  for (const node of nodes) {
    if (node.parent === null) {
      roots.push(node);
      continue;
    }
    const siblings = children.get(node.parent);
    if (siblings === undefined) children.set(node.parent, [node]);
    else siblings.push(node);
  }
  const none: readonly DiagramNode[] = [];
  return {
    byName: new Map(nodes.map((node) => [node.name, node])),
    roots,
    below: (name) => children.get(name) ?? none,
  };
}

type Links = Pick<Tree, 'linkOfPort' | 'linkOfDevice'>;
const linksAgain = ({ linkOfPort, linkOfDevice }: Tree): Links => ({ linkOfPort, linkOfDevice });

function linksOf(links: readonly DiagramLink[]): Links {
  const linkOfDevice = new Map<string, DiagramLink>();
  for (const link of links) linkOfDevice.set(link.kind === 'dmi' ? link.port : (link.device ?? ''), link);
  return {
    linkOfPort: new Map(links.filter((link) => link.kind === 'pcie').map((link) => [link.port, link])),
    linkOfDevice,
  };
}

export const isPort = (node: DiagramNode): boolean => node.kind === 'root-port' || node.kind === 'port';

/** Everything below a node, itself left out. */
export function descendants(tree: Tree, name: string): readonly DiagramNode[] {
  const found: DiagramNode[] = [];
  const open = [...tree.below(name)];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    found.push(node);
    open.push(...tree.below(node.name));
  }
  return found;
}

/** The node itself where it is to be seen, else the nearest around it that is collapsed. */
export function visibleOf(tree: Tree, name: string, collapsed: ReadonlySet<string>): string {
  let seen = name;
  for (let at = tree.byName.get(name)?.parent ?? null; at !== null; at = tree.byName.get(at)?.parent ?? null) {
    if (collapsed.has(at)) seen = at;
  }
  return seen;
}
