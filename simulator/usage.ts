import type { Machine } from '../model/machine.ts';
import type { Plan } from './plan.ts';
import type { LinkUse, ResourceUse } from './simulate.types.ts';

interface Sum {
  payload: number;
  wire: number;
  readonly capacity: number;
}

/** What a run put on each direction of each link, and on what is no link. */
export function usage(
  machine: Machine,
  plan: Plan,
  makespanSeconds: number,
): { readonly links: LinkUse[]; readonly resources: ResourceUse[] } {
  const links = new Map<string, Sum & { readonly link: number; readonly direction: 'up' | 'down' }>();
  const resources = new Map<string, Sum & { readonly name: string; readonly kind: ResourceUse['kind'] }>();
  for (const [index, planned] of plan.copies) {
    plan.check();
    const bytes = plan.tasks[index]?.amount ?? 0;
    for (const { key, name, kind, link, capacity, cost, carriesPayload } of planned.demands) {
      const payload = carriesPayload ? bytes : 0;
      if (link !== null) {
        const none = { payload: 0, wire: 0, capacity, link: link.id, direction: link.direction };
        add(links, key, none, payload, bytes * cost);
      } else if (kind !== 'link')
        add(resources, key, { payload: 0, wire: 0, capacity, name, kind }, bytes, bytes * cost);
    }
  }
  const share = ({ wire, capacity }: Sum) =>
    makespanSeconds > 0 && Number.isFinite(capacity) ? wire / capacity / makespanSeconds : 0;
  return {
    links: [...links.values()]
      .sort((a, b) => a.link - b.link || (a.direction < b.direction ? 1 : -1))
      .map((use) => ({
        name: machine.links[use.link]?.name ?? '',
        direction: use.direction,
        payloadBytes: use.payload,
        wireBytes: use.wire,
        utilisation: share(use),
      })),
    resources: [...resources.values()].map((use) => ({
      name: use.name,
      kind: use.kind,
      bytes: use.payload,
      utilisation: share(use),
    })),
  };
}

function add<T extends Sum>(all: Map<string, T>, key: string, none: T, payload: number, wire: number): void {
  let use = all.get(key);
  if (use === undefined) {
    use = none;
    all.set(key, use);
  }
  use.payload += payload;
  use.wire += wire;
}
