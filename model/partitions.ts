import type { Component } from './machine.ts';
import type { MachineDraft } from './train.ts';

/**
 * The machine as its hosts see it: a switch chip that is partitioned is several switches that know nothing of each other, each
 * below its own upstream port. The ports of a partition with an upstream port of its own hang below a switch of their own there,
 * under the names that they have; a partition that names none stays where the chip stands. What is done is not done again.
 */
export function withPartitions(draft: MachineDraft): MachineDraft {
  if (draft.partitions.length === 0) return draft;
  const components = [...draft.components];
  const change = (id: number, what: Partial<Component>) => {
    const before = components[id];
    if (before !== undefined) components[id] = { ...before, ...what };
  };
  for (const { name, switch: chipId, ports, upstream, origin } of draft.partitions) {
    const chip = components[chipId];
    const above = upstream === null ? undefined : components[upstream];
    const own = ports.filter((id) => components[id]?.parent === chipId);
    const isFree = above !== undefined && isPort(above) && above.children.length === 0 && above.id !== chip?.parent;
    if (chip === undefined || !isFree || own.length === 0) continue;
    const id = components.length;
    const label = `${chip.label}-${name}`;
    components.push({
      ...chip,
      id,
      label,
      name: `${above.name}.${label}`,
      parent: above.id,
      children: own,
      partitionOf: chipId,
      origin,
      nameOrigin: origin,
    });
    change(above.id, { children: [id] });
    change(chipId, { children: chip.children.filter((child) => !own.includes(child)) });
    for (const port of own) change(port, { parent: id });
  }
  return { ...draft, components };
}

const isPort = ({ kind }: Component): boolean => kind === 'root-port' || kind === 'port';
