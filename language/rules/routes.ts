import type { Machine } from '../../model/machine.ts';
import { findRoute } from '../../model/route/route.ts';
import type { Route } from '../../model/route/types.ts';
import type { Transfer } from '../../model/work.ts';

const kept = new WeakMap<Machine, Map<string, Route>>();

/** The way of a copy on a machine, found once for all rules and for all copies that ask for the same. */
export function routeOf(
  machine: Machine,
  copy: Pick<Transfer, 'from' | 'to'> & Partial<Pick<Transfer, 'via' | 'initiator' | 'operation'>>,
): Route {
  let routes = kept.get(machine);
  if (routes === undefined) {
    routes = new Map();
    kept.set(machine, routes);
  }
  const { from, to, via, initiator, operation } = copy;
  const key = `${from.component} ${from.memory} ${to.component} ${to.memory} ${via} ${initiator} ${operation}`;
  let route = routes.get(key);
  if (route === undefined) {
    route = findRoute(machine, from, to, copy);
    routes.set(key, route);
  }
  return route;
}
