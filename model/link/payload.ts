import type { Sourced } from '../origin.ts';
import { isPayloadSize } from './tlp.ts';

/**
 * Max_Payload_Size and Max_Read_Request_Size as Linux leaves them. Rules read in Linux 6.1: drivers/pci/probe.c
 * (pci_configure_mps, pcie_find_smpss, pcie_write_mps, pcie_write_mrrs, pcie_bus_configure_settings) and pci.c
 * (pcie_set_mps, pcie_set_readrq); the same in 7.x. Policies are those of `pci=pcie_bus_*`.
 */
export type PayloadPolicy = 'default' | 'safe' | 'perf' | 'peer2peer' | 'tune-off';

export type PayloadKind =
  | 'root-port'
  | 'upstream-port'
  | 'downstream-port'
  | 'endpoint'
  /** On the root bus, without a link. */
  | 'integrated-endpoint'
  /** A conventional PCI bridge or device: has no payload size; what lies below it is left alone. */
  | 'conventional';

/** One function of the tree; leave virtual functions out, theirs are reserved fields. */
export interface PayloadNode {
  readonly kind: PayloadKind;
  /** Index of the bridge above, null on a root bus. Siblings stand in the order in which they are scanned. */
  readonly parent: number | null;
  /** Max_Payload_Size Supported in bytes, undefined where unknown. */
  readonly supportedBytes?: number | undefined;
  /** What firmware left in Device Control. Absent: see `FirmwarePayload`. */
  readonly initialBytes?: number | undefined;
  readonly initialReadRequestBytes?: number | undefined;
  /** What Device Control holds in the end, whatever the kernel did (read from a machine, or set by hand). */
  readonly statedBytes?: number | undefined;
  readonly statedReadRequestBytes?: number | undefined;
  /** A port with a hot-plug slot (is_hotplug_bridge). */
  readonly hotplug?: boolean | undefined;
}

/**
 * What firmware is taken to have left where `initialBytes` is absent. `root-ports`: root ports at what they support,
 * all else at reset. `consistent`: every function at the least that is supported below its root port, which is what PC
 * firmware does for devices present at boot (commit message of Linux 27d868b5e6cf, "PCI: Set MPS to match upstream
 * bridge"). `reset`: 128 everywhere.
 */
export type FirmwarePayload = 'root-ports' | 'consistent' | 'reset';

/** Reset values of Device Control: MPS 000b, MRRS 010b. */
export const resetPayload: Sourced<{ readonly maxPayloadBytes: 128; readonly maxReadRequestBytes: 512 }> = {
  value: { maxPayloadBytes: 128, maxReadRequestBytes: 512 },
  source: 'PCIe Base 5.0 section 7.5.3.4',
};

/** Assumed support where unknown. */
export const assumedSupportedBytes: Sourced<number> = {
  value: 256,
  source: 'MPS of the hosts and devices in Neugebauer et al., SIGCOMM 2018, section 3',
};

export interface PayloadReason {
  /** Index of the node. */
  readonly node: number;
  readonly code: string;
  readonly message: string;
}

export interface NodePayload {
  /** Device Control, Max_Payload_Size; null for a conventional device. */
  readonly maxPayloadBytes: number | null;
  readonly maxReadRequestBytes: number | null;
  /** Support that was used, and whether it was assumed. */
  readonly supportedBytes: number;
  readonly supportAssumed: boolean;
}

/** A device whose payload size is not that of the port above. */
export interface PayloadMismatch {
  readonly node: number;
  readonly parent: number;
  readonly nodeBytes: number;
  readonly parentBytes: number;
}

export interface PayloadSettings {
  readonly nodes: readonly NodePayload[];
  readonly mismatches: readonly PayloadMismatch[];
  readonly reasons: readonly PayloadReason[];
}

interface State {
  readonly nodes: readonly PayloadNode[];
  readonly children: readonly (readonly number[])[];
  readonly supported: readonly number[];
  readonly payload: number[];
  readonly readRequest: number[];
  readonly policy: PayloadPolicy;
  readonly reasons: PayloadReason[];
}

function at<T>(list: readonly T[], index: number): T {
  const item = list[index];
  if (item === undefined) throw new RangeError(`no node ${index}`);
  return item;
}

/**
 * Payload and read-request sizes of every function after boot. A parent need not stand before its children.
 * Throws a RangeError for a parent that is no node, a cycle, or a size that is no power of two from 128 to 4096.
 */
export function configurePayload(
  nodes: readonly PayloadNode[],
  policy: PayloadPolicy = 'default',
  firmware: FirmwarePayload = 'root-ports',
): PayloadSettings {
  const state = initialState(nodes, policy);
  const roots = nodes.flatMap((node, index) => (node.parent === null ? [index] : []));
  const reached = new Set<number>();
  for (const root of roots) for (const index of subtree(state, root)) reached.add(index);
  if (reached.size !== nodes.length) throw new RangeError('the tree of payload nodes has a cycle');

  for (const root of roots) applyFirmware(state, root, firmware);
  // pci_scan_child_bus: every function of a bus is set up before the buses below are scanned.
  scanBus(state, roots);
  // pcie_bus_configure_settings: once for each bus below a root bus.
  for (const root of roots) configureBelow(state, root);
  return summarize(state);
}

function initialState(nodes: readonly PayloadNode[], policy: PayloadPolicy): State {
  const children: number[][] = nodes.map(() => []);
  nodes.forEach((node, index) => {
    for (const size of [
      node.supportedBytes,
      node.initialBytes,
      node.statedBytes,
      node.initialReadRequestBytes,
      node.statedReadRequestBytes,
    ]) {
      if (size !== undefined && !isPayloadSize(size)) throw new RangeError(`node ${index}: ${size} is no legal size`);
    }
    if (node.parent !== null) at(children, node.parent).push(index);
  });
  const supported = nodes.map((node) => node.supportedBytes ?? assumedSupportedBytes.value);
  const reset = resetPayload.value;
  return {
    nodes,
    children,
    supported,
    payload: nodes.map((node) => node.statedBytes ?? node.initialBytes ?? reset.maxPayloadBytes),
    readRequest: nodes.map(
      (node) => node.statedReadRequestBytes ?? node.initialReadRequestBytes ?? reset.maxReadRequestBytes,
    ),
    policy,
    reasons: [],
  };
}

/** The node and everything below it, parents first. */
function subtree(state: State, root: number): number[] {
  const found = [root];
  for (let next = 0; next < found.length; next++) found.push(...at(state.children, at(found, next)));
  return found;
}

function isExpress(state: State, index: number): boolean {
  return at(state.nodes, index).kind !== 'conventional';
}

function applyFirmware(state: State, root: number, firmware: FirmwarePayload): void {
  if (firmware === 'reset') return;
  const all = subtree(state, root).filter((index) => isExpress(state, index));
  const common = all.reduce((least, index) => Math.min(least, at(state.supported, index)), 4096);
  for (const index of all) {
    const node = at(state.nodes, index);
    if (node.initialBytes !== undefined || node.statedBytes !== undefined) continue;
    if (firmware === 'consistent') state.payload[index] = common;
    else if (node.kind === 'root-port') state.payload[index] = at(state.supported, index);
  }
}

/** pcie_set_mps: refuses more than the function supports. What the text states stays. */
function setPayload(state: State, index: number, bytes: number): boolean {
  if (bytes > at(state.supported, index)) return false;
  if (at(state.nodes, index).statedBytes === undefined) state.payload[index] = bytes;
  return true;
}

function scanBus(state: State, bus: readonly number[]): void {
  for (const index of bus) configureOne(state, index);
  for (const index of bus) scanBus(state, at(state.children, index));
}

/** pci_configure_mps. */
function configureOne(state: State, index: number): void {
  const { policy, reasons } = state;
  const node = at(state.nodes, index);
  const supported = at(state.supported, index);
  if (node.kind === 'conventional') return;
  if (node.kind === 'integrated-endpoint') {
    setPayload(state, index, policy === 'peer2peer' ? 128 : supported);
    return;
  }
  const parent = node.parent;
  if (parent === null || !isExpress(state, parent)) return;
  const own = at(state.payload, index);
  const above = at(state.payload, parent);
  if (own === above) return;
  if (policy === 'tune-off') {
    const message = `Max_Payload_Size ${own}, but the port above is set to ${above}; firmware's values stay.`;
    reasons.push({ node: index, code: 'payload/mismatch', message });
    return;
  }
  if (policy !== 'default') return;
  if (supported < above && at(state.nodes, parent).kind === 'root-port') {
    setPayload(state, parent, supported);
    const message = `The root port is lowered from ${above} to ${supported}, all that the device below supports.`;
    reasons.push({ node: parent, code: 'payload/root-port-lowered', message });
  }
  const wanted = at(state.payload, parent);
  if (!setPayload(state, index, wanted)) {
    const message =
      `Max_Payload_Size ${wanted} of the port above is more than the ${supported} supported; it stays at ${own}. ` +
      'pci=pcie_bus_safe lowers the whole tree.';
    reasons.push({ node: index, code: 'payload/not-supported', message });
  }
}

/** pcie_bus_configure_settings for the bus below `root`; a root-bus function without a bus below has none. */
function configureBelow(state: State, root: number): void {
  const { policy } = state;
  if (policy === 'default' || policy === 'tune-off') return;
  const kind = at(state.nodes, root).kind;
  if (kind === 'conventional' || kind === 'integrated-endpoint' || kind === 'endpoint') return;
  const all = subtree(state, root).filter((index) => isExpress(state, index));
  const smallest = policy === 'safe' ? safePayload(state, all) : 128;
  for (const index of all) {
    const { parent, kind: own } = at(state.nodes, index);
    let bytes = smallest;
    if (policy === 'perf') {
      bytes = at(state.supported, index);
      if (parent !== null && own !== 'root-port')
        bytes = Math.min(bytes, isExpress(state, parent) ? at(state.payload, parent) : 128);
    }
    setPayload(state, index, bytes);
    // pcie_write_mrrs touches the read requests under `perf` alone.
    if (policy === 'perf' && at(state.nodes, index).statedReadRequestBytes === undefined) {
      state.readRequest[index] = at(state.payload, index);
    }
  }
}

/** pcie_find_smpss over a root port and what lies below: the least supported, 128 with a hot-plug slot on a switch. */
function safePayload(state: State, all: readonly number[]): number {
  let smallest = Number.POSITIVE_INFINITY;
  for (const index of all) {
    const node = at(state.nodes, index);
    if (node.hotplug === true && node.kind !== 'root-port') {
      const message = 'Hot-plug slot below a switch: pcie_bus_safe takes 128 for the whole tree.';
      state.reasons.push({ node: index, code: 'payload/hotplug', message });
      smallest = 128;
    }
    smallest = Math.min(smallest, at(state.supported, index));
  }
  return smallest;
}

function summarize(state: State): PayloadSettings {
  const mismatches: PayloadMismatch[] = [];
  const nodes = state.nodes.map((node, index): NodePayload => {
    const express = node.kind !== 'conventional';
    const own = at(state.payload, index);
    if (express && node.parent !== null && isExpress(state, node.parent)) {
      const above = at(state.payload, node.parent);
      if (above !== own) mismatches.push({ node: index, parent: node.parent, nodeBytes: own, parentBytes: above });
    }
    return {
      maxPayloadBytes: express ? own : null,
      maxReadRequestBytes: express ? at(state.readRequest, index) : null,
      supportedBytes: at(state.supported, index),
      supportAssumed: express && node.supportedBytes === undefined,
    };
  });
  return { nodes, mismatches, reasons: state.reasons };
}

/**
 * Largest payload that a TLP may carry along a path of functions: what the sender may send, and no receiver or switch
 * port on the way takes more than its own setting (a larger TLP is malformed, PCIe Base 5.0 section 2.2.2).
 */
export function pathPayloadBytes(settings: readonly number[]): number {
  return settings.reduce((least, bytes) => Math.min(least, bytes), 4096);
}
