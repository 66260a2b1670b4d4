import type { ElaboratedMachine, Elaboration } from '../language/elaborate/elaborated.ts';
import { componentAt, type Machine } from '../model/machine.ts';
import type { Origin } from '../model/origin.ts';
import { findRoute } from '../model/route/route.ts';
import type { Route } from '../model/route/types.ts';
import type { Transfer } from '../model/work.ts';

/** A transfer with the way that it takes. */
export interface Flow {
  readonly machine: ElaboratedMachine;
  readonly transfer: Transfer;
  /** What a reader calls it: with the scenario that it belongs to. */
  readonly label: string;
  readonly origin: Origin;
  readonly route: Route;
  /** The components that the data passes, in order; a staged route comes back through some of them. */
  readonly path: readonly number[];
}

const routes = new WeakMap<Transfer, Route>();

/** The route of a transfer, found once. */
export function routeOf(machine: Machine, transfer: Transfer): Route {
  const known = routes.get(transfer);
  if (known !== undefined) return known;
  const { from, to, via, initiator, operation } = transfer;
  const route = findRoute(machine, from, to, { via, initiator, operation });
  routes.set(transfer, route);
  return route;
}

/** Every transfer of a file: those that stand alone, and those of scenarios. */
export function flowsOf(elaboration: Elaboration): Flow[] {
  return elaboration.machines.flatMap((machine) => {
    const flow = (transfer: Transfer, label: string): Flow => {
      const route = routeOf(machine.machine, transfer);
      return { machine, transfer, label, origin: transfer.origin, route, path: pathOf(machine.machine, route) };
    };
    const { transfers, scenarios } = machine.work;
    return [
      ...transfers.map((transfer) => flow(transfer, transfer.name)),
      ...scenarios.flatMap((scenario) =>
        scenario.transfers.map((transfer) => flow(transfer, `${scenario.name}: ${transfer.name}`)),
      ),
    ];
  });
}

/** The components that the hops of a route lead through. */
export function pathOf(machine: Machine, route: Route): number[] {
  const path: number[] = [];
  const pass = (id: number) => {
    if (path.at(-1) !== id) path.push(id);
  };
  for (const leg of route.legs) {
    pass(leg.from.component);
    for (const hop of leg.hops) {
      if (hop.kind === 'link') {
        const link = machine.links[hop.link];
        if (link === undefined) continue;
        const ends = [link.device ?? link.port, link.port];
        for (const id of hop.direction === 'up' ? ends : ends.reverse()) pass(id);
      } else if (hop.kind !== 'interconnect') pass(componentAt(machine, hop.component).id);
    }
    pass(leg.to.component);
  }
  return path;
}
