import { formatSeconds } from '../../../../model/quantity.ts';
import type { PathJson } from '../../../../server/contract.types.ts';
import { h } from '../../results/dom.ts';
import { withoutMemory } from '../draw/highlight.ts';
import type { Actions, ViewState } from '../state.ts';
import { rate } from '../words.ts';
import { close, table } from './details.ts';

const routeNames: Readonly<Record<PathJson['route'], string>> = {
  direct: 'peer to peer',
  'host-bridge': 'through the host bridge',
  'host-memory': 'through host memory',
  none: 'no route',
};

/** The route that is lit: what it is, what limits it, why, and every hop with what it carries and adds. */
export function routeOf(state: ViewState, actions: Actions): HTMLElement | null {
  const { route, tree } = state;
  if (route === null || tree === null) return null;
  const short = (name: string): string => {
    const found = tree.byName.get(withoutMemory(name))?.shortName;
    return found === undefined ? name : name.endsWith('.memory') ? `${found}.memory` : found;
  };
  const head = h(
    'h2',
    { id: 'route-title' },
    `${short(route.from)} → ${route.to === null ? '…' : short(route.to)}`,
    close('end-route', 'Close the route', actions.endRoute),
  );
  const { path } = route;
  if (path === null) {
    const words =
      route.to === null
        ? 'Choose the other end, a device or a socket: click it, or go there by the arrow keys and press R. Escape ends.'
        : 'Looking…';
    return h('section', { class: 'route', 'aria-labelledby': 'route-title' }, head, h('p', { class: 'note' }, words));
  }
  return h(
    'section',
    { class: 'route', 'aria-labelledby': 'route-title' },
    head,
    table([
      ['Route', `${routeNames[path.route]}, class ${path.class}`],
      ['Bandwidth', path.route === 'none' ? 'none' : rate(path.bytesPerSecond)],
      ...(path.bottleneck === '' ? [] : ([['Limited by', short(path.bottleneck)]] as const)),
      ['Latency', seconds(path.latencySeconds)],
      ['First byte', seconds(path.firstByteSeconds)],
    ]),
    path.hops.length === 0 ? null : h('h3', {}, 'Hops'),
    h(
      'ol',
      { class: 'hops' },
      path.hops.map((hop) =>
        h(
          'li',
          {},
          h(
            'button',
            {
              class: 'name',
              type: 'button',
              title: `Show ${hop.name}`,
              onclick: () => actions.select(withoutMemory(hop.name), true),
            },
            short(hop.name),
          ),
          h('span', { class: 'note' }, hop.kind),
          h('span', { class: 'figure' }, hop.bytesPerSecond === null ? '' : rate(hop.bytesPerSecond)),
          h('span', { class: 'figure' }, hop.seconds > 0 ? `+${seconds(hop.seconds)}` : ''),
        ),
      ),
    ),
    path.reasons.length === 0 ? null : h('h3', {}, 'Why'),
    h(
      'ul',
      { class: 'reasons' },
      path.reasons.map((reason) =>
        h('li', {}, reason.at === null ? null : h('span', { class: 'at' }, `${short(reason.at)}: `), reason.message),
      ),
    ),
  );
}

const seconds = (value: number): string => formatSeconds(value).replace(' us', ' µs');
