import type { ShowJson } from '../../../server/contract.types.ts';

/** A line of the tree. */
export interface MachineNode {
  readonly machine: string;
  /** Qualified name; null for the machine itself. */
  readonly name: string | null;
  readonly label: string;
  readonly kind: string;
  readonly part: string | null;
  readonly link: ShowJson['nodes'][number]['link'];
  /** The link runs below what its ends can do. */
  readonly isLow: boolean;
  readonly depth: number;
  readonly children: readonly MachineNode[];
}

/** The nodes of `show` as a tree. */
export function treeOf({ machine, nodes }: ShowJson): MachineNode {
  const below = new Map<string | null, ShowJson['nodes'][number][]>();
  for (const node of nodes) below.set(node.parent, [...(below.get(node.parent) ?? []), node]);
  const make = (node: ShowJson['nodes'][number], depth: number): MachineNode => ({
    machine,
    name: node.name,
    label: node.name.slice(node.name.lastIndexOf('.') + 1),
    kind: node.kind,
    part: node.part,
    link: node.link,
    isLow: isLow(node.link),
    depth,
    children: (below.get(node.name) ?? []).map((child) => make(child, depth + 1)),
  });
  const children = (below.get(null) ?? []).map((node) => make(node, 1));
  return {
    machine,
    name: null,
    label: machine,
    kind: 'machine',
    part: null,
    link: null,
    isLow: false,
    depth: 0,
    children,
  };
}

function isLow(link: MachineNode['link']): boolean {
  if (link === null) return false;
  const { generation, lanes, capable } = link;
  return generation < capable.generation || lanes < capable.lanes;
}

/** Behind the name: the part, or the kind, and the link. */
export function descriptionOf({ kind, part, link, name }: MachineNode): string {
  if (name === null) return '';
  const isPort = kind === 'port' || kind === 'root-port';
  const words = [part ?? (isPort ? '' : kind)];
  if (link !== null && isPort) words.push(`Gen${link.generation} x${link.lanes}`);
  return words.filter((word) => word !== '').join(' · ');
}

/** What is said of a line that is pointed at, and read aloud: what it is, and why its link runs low. */
export function tooltipOf({ machine, name, kind, part, link, isLow }: MachineNode): string {
  const what = `${name ?? machine}: ${kind.replace('-', ' ')}${part === null ? '' : ` ${part}`}`;
  if (link === null) return what;
  const { generation, lanes, capable, limitedBy } = link;
  const runs = `Link: Gen${generation} x${lanes}`;
  if (!isLow) return `${what}\n${runs}`;
  const why = limitedBy === null ? '' : `, limited by ${limitedBy}`;
  return `${what}\n${runs} where Gen${capable.generation} x${capable.lanes} could be${why}`;
}
