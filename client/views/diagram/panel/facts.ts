import type { DiagramConnection, DiagramLink, DiagramNode } from '../../../../server/diagram/diagram.types.ts';
import { isPort, type Tree } from '../layout/tree.ts';
import { acsWords, connectionWords, kindNames, linkWords, payload, rate, share, technologyOf } from '../words.ts';

export type Row = readonly [label: string, value: string];

/** What is known of a node, for the pane beside the picture and for pointing at it. */
export function nodeRows(tree: Tree, node: DiagramNode): readonly Row[] {
  const link = isPort(node) ? tree.linkOfPort.get(node.name) : tree.linkOfDevice.get(node.name);
  const { load, groups } = tree.diagram;
  const rows: Row[] = [...node.facts];
  if (link !== undefined) rows.push(...linkRows(link, tree));
  if (node.acs !== null) {
    const by = node.acs.setBy === 'nobody' ? '' : ` (${setBy[node.acs.setBy] ?? node.acs.setBy})`;
    rows.push(['ACS', `${acsWords(node).replace(/^ACS /, '')}${by}`]);
  }
  if (node.group !== null) {
    const others = (groups[node.group]?.members ?? []).filter((name) => name !== node.name);
    const shown = others.slice(0, 4).map((name) => tree.byName.get(name)?.shortName ?? name);
    const more = others.length > 4 ? `, and ${others.length - 4} more` : '';
    rows.push([
      'IOMMU group',
      others.length === 0 ? `${node.group}, alone` : `${node.group}, with ${shown.join(', ')}${more}`,
    ]);
  }
  if (node.numaNode !== null) rows.push(['NUMA node', String(node.numaNode)]);
  rows.push(...besideRows(tree, node));
  for (const [name, use] of Object.entries(load?.resources ?? {})) {
    if (name === node.name) rows.push(['Busy', share(use)]);
    else if (name === `${node.name}.memory`) rows.push(['Memory busy', share(use)]);
  }
  return rows;
}

/** What leads from a node beside PCIe: alike ones together, with what is at their other ends. */
function besideRows(tree: Tree, node: DiagramNode): readonly Row[] {
  const ends = new Map<string, { readonly label: string; readonly words: string; readonly others: string[] }>();
  for (const connection of tree.diagram.connections) {
    if (connection.from !== node.name && connection.to !== node.name) continue;
    const other = connection.from === node.name ? connection.to : connection.from;
    const label = technologyOf(connection);
    const words = connectionWords(connection).split(', ').slice(1).join(', ');
    const known = ends.get(`${label} ${words}`) ?? { label: label === '' ? 'Connection' : label, words, others: [] };
    known.others.push(tree.byName.get(other)?.shortName ?? other);
    ends.set(`${label} ${words}`, known);
  }
  return [...ends.values()].map(({ label, words, others }) => {
    const more = others.length > 4 ? `, and ${others.length - 4} more` : '';
    const each = words === '' ? '' : `: ${words}`;
    return [label, `to ${others.slice(0, 4).join(', ')}${more}${each}`];
  });
}

const setBy: Readonly<Record<string, string>> = {
  firmware: 'as firmware left it',
  kernel: 'by the kernel',
  disable_acs_redir: 'by disable_acs_redir',
  config_acs: 'by config_acs',
  text: 'by the text',
};

export function linkRows(link: DiagramLink, tree: Tree): readonly Row[] {
  const use = tree.diagram.load?.links[link.name];
  const rows: (Row | null)[] = [
    link.device === null ? ['Free slot', linkWords(link.trained)] : ['Link', linkWords(link.trained)],
    link.trainedLower ? ['Could be', linkWords(link.capable)] : null,
    link.limit === '' || link.device === null ? null : ['Why', link.limit],
    link.device === null || link.writeBytesPerSecond === null ? null : ['Link writes', rate(link.writeBytesPerSecond)],
    link.device === null || link.readBytesPerSecond === null ? null : ['Link reads', rate(link.readBytesPerSecond)],
    link.device === null ? null : ['Payload', payload(link.maxPayloadBytes)],
    use === undefined ? null : ['Busy', `${share(use.down)} down, ${share(use.up)} up`],
  ];
  return rows.filter((row) => row !== null);
}

export function connectionRows(connection: DiagramConnection, tree: Tree): readonly Row[] {
  const ends = [connection.from, connection.to].map((name) => tree.byName.get(name)?.shortName ?? name);
  const use = tree.diagram.load?.resources[connection.name];
  return [
    ['Between', ends.join(' and ')],
    ['Link', connectionWords(connection)],
    ...(use === undefined ? [] : ([['Busy', share(use)]] as const)),
  ];
}

export const heading = (node: DiagramNode): string => `${node.shortName} · ${kindNames[node.kind]}`;
