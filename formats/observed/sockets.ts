import type { ComponentSettings } from '../../model/machine.ts';
import type { ObservedMachine, ObservedNode } from '../observed.ts';
import { addressParts } from '../pci/address.ts';
import type { RootBus } from './hierarchy.ts';
import { type KnownPart, type PartIndex, partOfProcessor } from './parts.ts';
import { isLegal } from './settings.ts';

/** A socket of the language is one host bridge: a root bus, or a NUMA node without one. */
export interface SocketPlan {
  readonly label: string;
  readonly root: RootBus | null;
  readonly node: ObservedNode | null;
  readonly nodeId: number | null;
  readonly part: KnownPart | null;
  readonly settings: ComponentSettings;
}

/**
 * Sockets in the order of their nodes, the root buses of a node in order: `cpu1`, and `cpu1-bus80` for a further one; `mem2`
 * for a node of memory alone, `host-bus7f` for a root bus that no node is known of while others are.
 */
export function planSockets(observed: ObservedMachine, roots: readonly RootBus[], parts: PartIndex): SocketPlan[] {
  const nodes = [...observed.nodes].sort((a, b) => a.id - b.id);
  const placed = roots.map((root) => ({ root, nodeId: nodeOf(root, nodes) }));
  const onlyNode = nodes.length === 1 ? (nodes[0]?.id ?? null) : null;
  const rows = placed.map(({ root, nodeId }) => ({ root: root as RootBus | null, nodeId: nodeId ?? onlyNode }));
  for (const node of nodes) {
    if (!rows.some((row) => row.nodeId === node.id)) rows.push({ root: null, nodeId: node.id });
  }
  rows.sort(
    (a, b) =>
      // Those that no node is known of come last.
      (a.nodeId ?? mostNodes) - (b.nodeId ?? mostNodes) ||
      (a.root?.segment ?? 0) - (b.root?.segment ?? 0) ||
      (a.root?.bus ?? 0) - (b.root?.bus ?? 0),
  );
  const described = new Set<number>();
  const labels = new Set<string>();
  return withoutClashes(rows).map(({ root, nodeId }) => {
    const node = nodes.find((one) => one.id === nodeId) ?? null;
    const isFirst = nodeId === null ? labels.size === 0 : !described.has(nodeId);
    if (nodeId !== null) described.add(nodeId);
    const isUnplaced = nodeId === null && nodes.length > 0;
    const isMemory = root === null && isMemoryOnly(node) && nodes.some((one) => one.cores !== undefined);
    const plain = isUnplaced ? 'host' : isMemory ? `mem${nodeId ?? 0}` : `cpu${nodeId ?? 0}`;
    const label = !isUnplaced && isFirst && !labels.has(plain) ? plain : `${plain}-${busName(root)}`;
    labels.add(label);
    const part = partOfProcessor(parts, node?.cpuName);
    const settings = socketSettings(root, isFirst ? node : null, nodeId, node);
    const bandwidth = part?.settings.memoryBytesPerSecond;
    const share = nodesOfPackage(node, nodes);
    if (bandwidth !== undefined && share > 1) settings.memoryBytesPerSecond = bandwidth / share;
    return { label, root, node, nodeId, part, settings };
  });
}

/** Nodes with cores that one package is divided into (NPS, SNC): each has its share of the channels. */
const nodesOfPackage = (node: ObservedNode | null, nodes: readonly ObservedNode[]): number =>
  node?.package === undefined
    ? 1
    : nodes.filter((one) => one.package === node.package && one.cores !== undefined && one.cores > 0).length;

const isMemoryOnly = (node: ObservedNode | null) => node?.memoryBytes !== undefined && node.cores === undefined;
const mostNodes = 2 ** 32;

/**
 * Sockets without a root bus get the next bus number of segment 0 all the same: those whose number would be another's go to
 * the end.
 */
function withoutClashes<T extends { readonly root: RootBus | null }>(rows: readonly T[]): T[] {
  const endOf = ({ bus, functions }: RootBus) =>
    Math.max(bus, ...functions.flatMap((fn) => [addressParts(fn.address).bus, fn.buses?.subordinate ?? 0]));
  const used = rows.flatMap(({ root }) =>
    root === null || root.segment !== 0 ? [] : [{ first: root.isHidden ? 0 : root.bus, last: endOf(root) }],
  );
  const placed: T[] = [];
  const postponed: T[] = [];
  let next = 0;
  for (const row of rows) {
    const { root } = row;
    if (root !== null) {
      if (root.segment === 0) next = endOf(root) + 1;
      placed.push(row);
    } else if (next > 0xff || used.some(({ first, last }) => next >= first && next <= last)) postponed.push(row);
    else {
      next++;
      placed.push(row);
    }
  }
  return [...placed, ...postponed];
}

function busName(root: RootBus | null): string {
  if (root === null) return 'memory';
  const bus = `bus${root.bus.toString(16).padStart(2, '0')}`;
  return root.segment === 0 ? bus : `seg${root.segment.toString(16)}-${bus}`;
}

/** The node that the source puts a root bus on; else that of most of the functions below it; null: not said. */
function nodeOf(root: RootBus, nodes: readonly ObservedNode[]): number | null {
  const said = nodes.find((node) => node.rootBuses?.includes(root.name));
  if (said !== undefined) return said.id;
  const counts = new Map<number, number>();
  for (const { numaNode } of root.functions) {
    if (numaNode !== undefined && isLegal('numaNode', numaNode)) counts.set(numaNode, (counts.get(numaNode) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0]?.[0] ?? null;
}

function socketSettings(
  root: RootBus | null,
  described: ObservedNode | null,
  nodeId: number | null,
  node: ObservedNode | null,
): ComponentSettings {
  const settings: ComponentSettings = {};
  if (root !== null && root.segment !== 0) settings.segment = root.segment;
  if (nodeId !== null) settings.numaNode = nodeId;
  const memory = described?.memoryBytes;
  if (memory !== undefined && memory > 0 && Number.isSafeInteger(memory)) settings.memoryBytes = memory;
  const cores = described?.cores;
  if (cores !== undefined && cores > 0 && isLegal('cores', cores)) settings.cores = cores;
  const vendor = node?.cpuVendor ?? (root === null ? undefined : vendorOfBridge(root));
  if (vendor !== undefined) settings.cpuVendor = vendor;
  const family = node?.cpuFamily;
  if (family !== undefined && isLegal('cpuFamily', family)) settings.cpuFamily = family;
  return settings;
}

/** Host bridges of QEMU's machines i440FX and Q35: they say nothing of the CPU. */
const emulatedBridges: ReadonlySet<number> = new Set([0x1237, 0x29c0]);

/** Who made the CPU, by who made its host bridge and root ports. */
function vendorOfBridge(root: RootBus): ComponentSettings['cpuVendor'] {
  const bridges = root.functions.filter(
    (fn) => fn.role === 'host-bridge' || fn.role === 'root-port' || (fn.classCode ?? 0) >>> 8 === 0x0600,
  );
  if (bridges.some((fn) => fn.vendorId === 0x8086 && emulatedBridges.has(fn.deviceId ?? 0))) return undefined;
  if (bridges.some((fn) => fn.vendorId === 0x1022)) return 'amd';
  return bridges.some((fn) => fn.vendorId === 0x8086) ? 'intel' : undefined;
}
