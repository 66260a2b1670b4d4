import type { ElaboratedMachine } from '../../../language/elaborate/elaborated.ts';
import { linkLabel } from '../../../model/link/generation.ts';
import { type Component, componentAt, isEndpoint, type Machine } from '../../../model/machine.ts';
import { distanceClass } from '../../../model/peer/distance-class.ts';
import { isPeer } from '../../../model/peer/mapping.ts';
import { formatBytes, formatHex, formatRate } from '../../../model/quantity.ts';
import { formatIoctl } from '../../../simulator/drivers/ioctl.ts';
import { deviceNodes } from '../../../simulator/drivers/nodes.ts';
import { groupOf, groupsOf, limitWords, linkBandwidthOf, linkOf } from '../../facts.ts';
import type { RunOptions } from '../../protocol.ts';
import { enumerated } from './bar.ts';
import { linkMarkdown } from './link.ts';

type Tax = Required<RunOptions>['tax'];

/** A component, or the first of those that a statement became, with the names of the others. */
export function componentMarkdown(elaborated: ElaboratedMachine, ids: readonly number[], tax: Tax): string {
  const [first] = ids;
  if (first === undefined) return '';
  const { machine } = elaborated;
  const component = componentAt(machine, first);
  const pieces = [title(component), ...others(machine, ids)];
  if (component.kind === 'root-port' || component.kind === 'port') pieces.push(...portPieces(machine, component, tax));
  else if (component.kind === 'socket') pieces.push(socketPiece(machine, component));
  else pieces.push(...devicePieces(machine, component, tax));
  return pieces.filter((piece) => piece !== '').join('\n\n');
}

function title(component: Component): string {
  const part = component.parts[0] === undefined ? '' : ` · \`${component.parts[0]}\``;
  return `**${component.name}** · ${component.kind}${part}`;
}

function others(machine: Machine, ids: readonly number[]): string[] {
  if (ids.length < 2) return [];
  const names = ids.map((id) => `\`${componentAt(machine, id).name}\``);
  const shown = names.length > 8 ? [...names.slice(0, 7), '…', names.at(-1) ?? ''] : names;
  return [`One of ${ids.length}: ${shown.join(', ')}.`];
}

function portPieces(machine: Machine, component: Component, tax: Tax): string[] {
  const link = linkOf(machine, component.id);
  return [link === undefined ? '' : linkMarkdown(machine, link, tax)];
}

function devicePieces(machine: Machine, component: Component, tax: Tax): string[] {
  return [
    linkLine(machine, component, tax),
    barTable(machine, component),
    nodeTable(machine, component),
    groupLine(machine, component),
    isEndpoint(component) ? distanceLines(machine, component) : portsLine(machine, component),
  ];
}

/** The link above in a line: the port's hover has the rest. */
function linkLine(machine: Machine, component: Component, tax: Tax): string {
  const link = linkOf(machine, component.id);
  if (link === undefined) return '';
  const bandwidth = linkBandwidthOf(machine, link, tax);
  const rate = bandwidth === null ? '' : `, ${formatRate(bandwidth.writeBytesPerSecond)} each way`;
  const limit = limitWords(link);
  const below = limit === '' ? '' : `, ${limit}`;
  return `Link to \`${componentAt(machine, link.port).label}\`: ${linkLabel(link.trained)}${rate}${below}.`;
}

function barTable(machine: Machine, component: Component): string {
  const vf = component.sriov?.bars.map((bar) => ({ ...bar, name: `VF BAR ${bar.index}` })) ?? [];
  const device = enumerated(machine).devices.find(
    (one) => one.component === component.id && one.physicalFunction === null,
  );
  const addressOf = (name: string, index: number): string => {
    const placed = (name.startsWith('VF') ? device?.virtualBars : device?.bars)?.find((one) => one.index === index);
    return placed === undefined ? '' : placed.address === null ? 'none' : `\`${placed.address}\``;
  };
  const bars = [
    ...component.bars.map((bar) => ({ ...bar, name: bar.kind === 'rom' ? 'ROM' : `BAR ${bar.index}` })),
    ...vf,
  ];
  if (bars.length === 0) return '';
  const kinds = { memory32: '32-bit', memory64: '64-bit', io: 'I/O', rom: 'ROM' } as const;
  const rows = bars.map((bar) => {
    const words = [kinds[bar.kind], bar.prefetchable ? 'prefetchable' : ''];
    if (bar.resizable !== null)
      words.push(`resizable ${formatBytes(bar.resizable.minimumBytes)}..${formatBytes(bar.resizable.maximumBytes)}`);
    return `| ${bar.name} | ${formatBytes(bar.bytes)} | ${words.filter((word) => word !== '').join(', ')} | ${addressOf(bar.name, bar.index)} |`;
  });
  return ['| | size | kind | address |', '|---|---:|---|---|', ...rows].join('\n');
}

/** Device nodes by which programs reach a device, and the requests that they take. */
function nodeTable(machine: Machine, component: Component): string {
  const nodes = deviceNodes(machine, component.id);
  if (nodes.length === 0) return '';
  const rows = nodes.map(({ path, purpose, requests }) => {
    const taken = requests.map(({ name, code }) => `\`${name}\` \`${formatIoctl(code)}\``).join('<br>');
    return `| \`${path}\` | ${purpose} | ${taken} |`;
  });
  return ['| device node | for | `ioctl` |', '|---|---|---|', ...rows].join('\n');
}

/** The IOMMU group, and who shares it. */
function groupLine(machine: Machine, component: Component): string {
  const number = groupOf(machine, component.id);
  if (number === null) return '';
  const others = (groupsOf(machine)[number] ?? []).filter((member) => member.component !== component.id);
  const names = [...new Set(others.map((member) => `\`${componentAt(machine, member.component).label}\``))];
  const shown = names.length > 6 ? [...names.slice(0, 5), `${names.length - 5} more`] : names;
  return `IOMMU group ${number}${shown.length === 0 ? ', alone' : `, with ${shown.join(', ')}`}.`;
}

const classWords: Readonly<Record<string, string>> = {
  PIX: 'one switch between',
  PXB: 'several switches between',
  PHB: 'through the host bridge',
  NODE: 'through host bridges of one NUMA node',
  SYS: 'across sockets',
};
/** Distances to more devices than this are not worked out for a hover. */
const mostDistances = 64;

/** How far the other devices are, by nvidia-smi's classes. */
function distanceLines(machine: Machine, component: Component): string {
  const byClass = new Map<string, string[]>();
  let count = 0;
  for (const other of machine.components) {
    if (other.id === component.id || !isPeer(machine, other.id)) continue;
    if (++count > mostDistances) break;
    const found = distanceClass(machine, component.id, other.id);
    byClass.set(found, [...(byClass.get(found) ?? []), `\`${other.label}\``]);
  }
  const rows = [...byClass].map(([name, labels]) => {
    const shown = labels.length > 8 ? [...labels.slice(0, 7), `${labels.length - 7} more`] : labels;
    return `| ${name} | ${classWords[name] ?? 'NVLink'} | ${shown.join(', ')} |`;
  });
  return rows.length === 0 ? '' : ['| distance | | |', '|---|---|---|', ...rows].join('\n');
}

function portsLine(machine: Machine, component: Component): string {
  const ports = component.children
    .map((id) => componentAt(machine, id))
    .filter((child) => child.kind === 'port' || child.kind === 'root-port');
  if (ports.length === 0) return '';
  const used = ports.filter((port) => port.children.length > 0).length;
  return `${ports.length} port${ports.length === 1 ? '' : 's'}, ${used} in use.`;
}

function socketPiece(machine: Machine, socket: Component): string {
  const {
    memoryBytes,
    memoryBytesPerSecond,
    cores,
    numaNode,
    hostBridgeVendorId: vendor,
    hostBridgeDeviceId: device,
  } = socket.settings;
  const lines: string[] = [];
  if (memoryBytes !== undefined || memoryBytesPerSecond !== undefined) {
    const size = memoryBytes === undefined ? 'of unknown size' : formatBytes(memoryBytes);
    lines.push(`Memory ${size}${memoryBytesPerSecond === undefined ? '' : ` at ${formatRate(memoryBytesPerSecond)}`}.`);
  }
  if (cores !== undefined) lines.push(`${cores} cores.`);
  if (numaNode !== undefined) lines.push(`NUMA node ${numaNode}.`);
  if (vendor !== undefined && device !== undefined)
    lines.push(`Host bridge ${formatHex(vendor, 4).slice(2)}:${formatHex(device, 4).slice(2)}.`);
  lines.push(portsLine(machine, socket));
  return lines.filter((line) => line !== '').join(' ');
}

/** A machine: how much of what it has. */
export function machineMarkdown(elaborated: ElaboratedMachine): string {
  const { machine } = elaborated;
  const counts = new Map<string, number>();
  for (const component of machine.components) counts.set(component.kind, (counts.get(component.kind) ?? 0) + 1);
  const list = [...counts].map(([kind, count]) => `${count} × ${kind}`).join(', ');
  const { firmware, linux } = machine;
  const settings: string[] = [];
  if (firmware.above4g !== undefined) settings.push(`Above 4G Decoding ${firmware.above4g ? 'on' : 'off'}`);
  if (firmware.resizableBar !== undefined) settings.push(`Resizable BAR ${firmware.resizableBar ? 'on' : 'off'}`);
  if (linux.iommu !== undefined) settings.push(`IOMMU ${linux.iommu}`);
  const assumed = machine.assumptions
    .slice(0, 6)
    .map((assumption) => `- ${assumption.at === null ? '' : `\`${assumption.at}\`: `}${assumption.message}`);
  return [
    `**${machine.name}** · machine`,
    list,
    settings.join(', '),
    assumed.length === 0 ? '' : `Assumed, because the text does not say:\n\n${assumed.join('\n')}`,
  ]
    .filter((piece) => piece !== '')
    .join('\n\n');
}
