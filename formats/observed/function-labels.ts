import { addressParts } from '../pci/address.ts';
import type { Shape } from './hierarchy.ts';
import { NameGiver, usualName } from './names.ts';
import type { ComponentFacts } from './settings.ts';

/** Further functions of a device have names that differ. */
export function withLabels(facts: ComponentFacts, shape: Shape): ComponentFacts {
  if (facts.functions.length === 0) return facts;
  const labels = new NameGiver();
  const counts = new Map<string, number>();
  for (const one of facts.functions) counts.set(one.label, (counts.get(one.label) ?? 0) + 1);
  const functions = facts.functions.map((one) => {
    const other = shape.others.find((fn) => addressParts(fn.address).function === one.number);
    const own = other === undefined ? null : usualName('nic', other);
    const alone = counts.get(one.label) === 1 && one.label !== 'dev' ? one.label : null;
    return { ...one, label: labels.give(own ?? alone, one.label) };
  });
  return { ...facts, functions };
}
