import type { ObservedConnection } from '../observed.ts';
import { attribute, type XmlElement } from '../xml/read.ts';

/** Matrices of bandwidth between devices, in 10^6 bytes a second (hwloc/doc, hwloc_distances_s), and what they are of. */
const technologies: ReadonlyMap<string, string> = new Map([
  ['NVLinkBandwidth', 'nvlink'],
  ['XGMIBandwidth', 'xgmi'],
]);

/**
 * Links beside PCIe from the matrices of a topology. Each pair appears once, with what goes from the first to the second;
 * the diagonal says nothing of links. How many links there are is not said: one.
 *
 * @param addressOf address by `OSDev:802` or `PCIDev:449`; undefined for objects that are no PCI function
 */
export function readDistances(
  topology: XmlElement,
  addressOf: (object: string) => string | undefined,
): ObservedConnection[] {
  const connections = new Map<string, ObservedConnection>();
  for (const matrix of topology.children) {
    const technology = technologies.get(attribute(matrix, 'name') ?? '');
    if (technology === undefined || !/^distances2(?:hetero)?$/.test(matrix.name)) continue;
    const type = attribute(matrix, 'type');
    const objects = words(matrix, 'indexes').map((word) => addressOf(type === undefined ? word : `${type}:${word}`));
    const values = words(matrix, 'u64values').map(Number);
    const size = objects.length;
    if (size === 0 || values.length !== size * size) continue;
    for (const [row, from] of objects.entries()) {
      for (const [column, to] of objects.entries()) {
        const value = values[row * size + column] ?? 0;
        if (from === undefined || to === undefined || from === to || !(value > 0)) continue;
        const key = [technology, ...[from, to].sort()].join(' ');
        if (connections.has(key)) continue;
        connections.set(key, { from, to, technology, links: 1, bytesPerSecond: value * 1e6 });
      }
    }
  }
  return [...connections.values()];
}

function words(matrix: XmlElement, name: string): string[] {
  return matrix.children
    .filter((child) => child.name === name)
    .flatMap((child) => child.text.split(/\s+/))
    .filter((word) => word !== '');
}
