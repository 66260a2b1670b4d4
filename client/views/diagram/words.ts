import { formatBytes, formatFraction, formatRate } from '../../../model/quantity.ts';
import type { LinkStateJson } from '../../../server/contract.types.ts';
import type {
  DiagramConnection,
  DiagramLink,
  DiagramLoad,
  DiagramNode,
} from '../../../server/diagram/diagram.types.ts';
import { countWords } from './findings.ts';
import type { Tree } from './layout/tree.ts';
import { isPort } from './layout/tree.ts';
import type { Overlay } from './state.ts';

export const rate = formatRate;
export const share = (fraction: number): string => formatFraction(Math.min(1, Math.max(0, fraction)));
export const linkWords = ({ generation, lanes }: LinkStateJson): string => `Gen${generation} x${lanes}`;

export const kindNames: Readonly<Record<DiagramNode['kind'], string>> = {
  socket: 'socket',
  chipset: 'chipset',
  'root-port': 'root port',
  switch: 'switch',
  port: 'switch port',
  bridge: 'bridge to PCI',
  gpu: 'GPU',
  nvme: 'NVMe drive',
  nic: 'NIC',
  fpga: 'FPGA',
  sata: 'SATA controller',
  nvswitch: 'NVSwitch',
  device: 'device',
};

export const overlayNames: Readonly<Record<Overlay, string>> = {
  findings: 'Findings',
  differences: 'Differences',
  load: 'Load',
  acs: 'ACS',
  group: 'IOMMU groups',
  numa: 'NUMA',
};

/** The busier direction decides the colour; the words have both. */
export type LoadLevel = 'idle' | 'low' | 'high' | 'full';

export function loadLevel(fraction: number): LoadLevel {
  if (fraction >= 0.95) return 'full';
  if (fraction >= 0.7) return 'high';
  return fraction > 0 ? 'low' : 'idle';
}

export const busiest = (use: { readonly up: number; readonly down: number } | undefined): number =>
  Math.max(use?.up ?? 0, use?.down ?? 0);

export const loadWords = (use: { readonly up: number; readonly down: number }): string =>
  `↓${percent(use.down)} ↑${percent(use.up)}`;

/** As short as it stands in the picture; beside it there is more room. */
export const percent = (fraction: number): string => `${Math.round(Math.min(1, Math.max(0, fraction)) * 100)}%`;

/** What held work back in the last run is marked with this, and named as such where there is room. */
export const limitSign = '◆';

/** Whether a thing of the picture is a bottleneck of the last run. A chipset and the link above it have one name. */
export const isLimit = (load: DiagramLoad | null, name: string, what: 'link' | 'other'): boolean =>
  load?.limits.some(({ at, kind }) => at === name && (kind === 'link') === (what === 'link')) === true;

/** Share of the run in which a node, or its memory, was busy; null where nothing is known of it. */
export function nodeUse(load: DiagramLoad | null, name: string): number | null {
  const found = [load?.resources[name], load?.resources[`${name}.memory`]].filter((use) => use !== undefined);
  return found.length === 0 ? null : Math.max(...found);
}

/** What is busy of a socket, for its header; empty where nothing is. */
function socketLoad(load: DiagramLoad | null, name: string): string {
  const words = [
    ['memory', load?.resources[`${name}.memory`]],
    ['root complex', load?.resources[name]],
  ] as const;
  const busy = words
    .filter(([, use]) => use !== undefined && use >= 0.005)
    .map(([of, use]) => `${of} ${percent(use ?? 0)} busy`);
  return busy.length === 0 ? '' : `${isLimit(load, name, 'other') ? `${limitSign} ` : ''}${busy.join(', ')}`;
}

/** What a link does, in a sentence's worth of words. */
export function linkSentence(link: DiagramLink, load: DiagramLoad | null): string {
  const words = [
    link.device === null ? `free, ${linkWords(link.trained)}` : linkWords(link.trained),
    link.writeBytesPerSecond === null || link.device === null ? '' : rate(link.writeBytesPerSecond),
    link.trainedLower ? `trained lower than ${linkWords(link.capable)}` : '',
    loadOfLink(link, load),
    isLimit(load, link.name, 'link') ? 'bottleneck' : '',
  ];
  return words.filter((word) => word !== '').join(', ');
}

function loadOfNode({ name }: DiagramNode, load: DiagramLoad | null): string {
  const use = nodeUse(load, name);
  const busy = use === null || use < 0.005 ? '' : `busy ${share(use)}`;
  return [busy, isLimit(load, name, 'other') ? 'bottleneck' : ''].filter((word) => word !== '').join(', ');
}

function loadOfLink(link: DiagramLink, load: DiagramLoad | null): string {
  const use = load?.links[link.name];
  return use === undefined ? '' : `busy ${share(use.down)} down, ${share(use.up)} up`;
}

/** What a screen reader says of a node. */
export function nodeName(tree: Tree, node: DiagramNode, shown: ReadonlySet<Overlay>): string {
  const link = isPort(node)
    ? tree.linkOfPort.get(node.name)
    : node.kind === 'chipset'
      ? tree.linkOfDevice.get(node.name)
      : undefined;
  const below = tree.below(node.name);
  const words = [
    `${kindNames[node.kind]} ${node.label}`,
    node.part ?? '',
    link === undefined ? '' : linkSentence(link, tree.diagram.load),
    loadOfNode(node, tree.diagram.load),
    shown.has('findings') ? countWords(tree.findings.get(node.name) ?? []) : '',
    shown.has('acs') && node.acs !== null ? acsWords(node) : '',
    shown.has('group') && node.group !== null ? `IOMMU group ${node.group}` : '',
    shown.has('numa') && node.numaNode !== null ? `NUMA node ${node.numaNode}` : '',
    isPort(node) || below.length === 0 ? '' : `${below.length} ${below.length === 1 ? 'child' : 'children'}`,
  ];
  return words.filter((word) => word !== '').join(', ');
}

export function acsWords({ acs }: DiagramNode): string {
  if (acs === null) return '';
  if (acs.capability === null) return 'no ACS';
  if (acs.control.length === 0) return 'ACS off';
  return `ACS ${acs.control.join(' ')}${acs.redirects ? ', redirects peers' : ''}`;
}

/** The second line of a box: what it is. */
export function detailOf(node: DiagramNode): string {
  return node.part ?? kindNames[node.kind];
}

/** As many of the parts as there is room for: half a figure says something else. */
export function fitting(words: string, letters: number): string {
  const parts = words.split(' · ');
  while (parts.length > 1 && parts.join(' · ').length > letters) parts.pop();
  return parts.join(' · ');
}

/** What stands in the header of a socket beside its name. */
export function socketWords(node: DiagramNode, load: DiagramLoad | null = null): string {
  const memory = node.facts.find(([label]) => label === 'Memory')?.[1];
  const numa = node.numaNode === null ? '' : `NUMA ${node.numaNode}`;
  const words = [node.part ?? 'socket', numa, memory ?? '', socketLoad(load, node.name)];
  return words.filter((word) => word !== '').join(' · ');
}

const technologies: Readonly<Record<string, string>> = {
  upi: 'UPI',
  qpi: 'QPI',
  xgmi: 'xGMI',
  nvlink: 'NVLink',
  c2c: 'C2C',
  'infinity-fabric': 'Infinity Fabric',
};

/** What a connection is, as its makers write it; empty where the text does not say. */
export const technologyOf = ({ technology }: DiagramConnection): string => technologies[technology] ?? '';

export function connectionWords(connection: DiagramConnection): string {
  const { links, bytesPerSecond } = connection;
  const name = technologyOf(connection);
  const words = [
    name === '' ? 'not said' : name,
    links > 1 ? `${links} links` : '',
    bytesPerSecond === null ? '' : `${rate(bytesPerSecond)} each way`,
  ];
  return words.filter((word) => word !== '').join(', ');
}

export const payload = formatBytes;
