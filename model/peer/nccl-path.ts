import type { Component, Machine } from '../machine.ts';
import { numaNode } from './distance-class.ts';
import { pciChain } from './mapping.ts';
import { nvlinkBetween } from './nvlink.ts';

/** NCCL's path types between two devices: self, NVLink, one switch, several switches, a CPU, several CPUs. */
export type NcclPathType = 'LOC' | 'NVL' | 'PIX' | 'PXB' | 'PHB' | 'SYS';

/**
 * Switches that show two levels of themselves and that NCCL takes for one: Broadcom PEX880xx and PEX890xx (NCCL,
 * src/graph/topo.cc, ncclTopoFlattenBcmSwitches).
 */
const twoLevelSwitches: ReadonlySet<number> = new Set([0xc010, 0xc030]);
const broadcom = 0x1000;

/**
 * The largest of the links on the way, as NCCL counts them (src/graph/paths.cc): a switch that both hang off is PIX, a link
 * between two switches PXB, a link that touches a CPU PHB, one between CPUs SYS. NCCL's CPU is a NUMA node, so that there
 * is no NODE.
 */
export function ncclPathType(machine: Machine, a: number, b: number): NcclPathType {
  if (a === b) return 'LOC';
  if (nvlinkBetween(machine, a, b) !== null) return 'NVL';
  const up = pciChain(machine, a);
  const down = pciChain(machine, b);
  const common = up.find((one) => (one.kind === 'switch' || one.kind === 'bridge') && down.includes(one));
  if (common !== undefined) {
    const between = (chain: readonly Component[]) =>
      chain.slice(0, chain.indexOf(common)).filter((one) => one.kind === 'switch' && !isFlattened(machine, one));
    return between(up).length + between(down).length === 0 ? 'PIX' : 'PXB';
  }
  const nodes = [numaNode(machine, a), numaNode(machine, b)];
  return nodes[0] !== null && nodes[0] === nodes[1] ? 'PHB' : 'SYS';
}

/** True for the lower level of a switch of two levels: the same kind of switch stands above it. */
function isFlattened(machine: Machine, component: Component): boolean {
  if (!isTwoLevel(component)) return false;
  const above = pciChain(machine, component.id)[2];
  return above !== undefined && isTwoLevel(above) && above.settings.deviceId === component.settings.deviceId;
}

function isTwoLevel({ kind, settings }: Component): boolean {
  return kind === 'switch' && settings.vendorId === broadcom && twoLevelSwitches.has(settings.deviceId ?? 0);
}
