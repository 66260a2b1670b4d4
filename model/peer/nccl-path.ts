import type { Component, Machine } from '../machine.ts';
import { numaNode } from './distance-class.ts';
import { pciChain } from './mapping.ts';
import { nvlinkBetween } from './nvlink.ts';
import { isLevelOfTwo } from './two-level-switches.ts';

/** NCCL's path types between two devices: self, NVLink, one switch, several switches, a CPU, several CPUs. */
export type NcclPathType = 'LOC' | 'NVL' | 'PIX' | 'PXB' | 'PHB' | 'SYS';

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
  const above = pciChain(machine, component.id)[2];
  return (
    above !== undefined &&
    above.settings.deviceId === component.settings.deviceId &&
    isLevel(above, 0) &&
    isLevel(component, 1)
  );
}

/** Whether a switch is this level of one; where the subsystem is not known the device ID decides alone. */
const isLevel = ({ kind, settings }: Component, level: 0 | 1): boolean =>
  kind === 'switch' && isLevelOfTwo(settings, level) !== false;
