import { formatSeconds } from '../../../../model/quantity.ts';
import { h, hidden } from '../../results/dom.ts';
import { routeWords } from '../../route-names.ts';
import { withoutMemory } from '../draw/highlight.ts';
import type { Tree } from '../layout/tree.ts';
import type { Actions, ViewState } from '../state.ts';
import { limitSign, rate } from '../words.ts';
import { close, table } from './details.ts';

/** The route that is lit: what it is, what limits it, why, and every hop with what it carries and adds. */
export function routeOf(state: ViewState, actions: Actions): HTMLElement | null {
  const { route, tree } = state;
  if (route === null || tree === null) return null;
  const short = shortIn(tree);
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
  // What the hops do not say of the latency: the devices themselves.
  const ends = path.latency.filter((share) => share.hop === null && share.seconds > 0);
  return h(
    'section',
    { class: 'route', 'aria-labelledby': 'route-title' },
    head,
    table([
      ['Route', `${routeWords(path)}, class ${path.class}`],
      ['Bandwidth', path.route === 'none' ? 'none' : rate(path.bytesPerSecond)],
      ...(path.bottleneck === '' ? [] : ([['Limited by', short(path.bottleneck)]] as const)),
      ['Latency', seconds(path.latencySeconds)],
      ['First byte', seconds(path.firstByteSeconds)],
    ]),
    path.hops.length === 0 ? null : h('h3', {}, 'Hops'),
    h(
      'ol',
      { class: 'hops' },
      path.hops.map((hop) => {
        const name = h(
          'button',
          {
            class: 'name',
            type: 'button',
            title: `Show ${hop.name}`,
            onclick: () => actions.select(withoutMemory(hop.name), true),
          },
          short(hop.name),
        );
        return h('li', {}, hopRow(name, hop, hop.name === path.bottleneck));
      }),
    ),
    ends.length === 0 ? null : h('h3', {}, 'At the ends'),
    h(
      'ul',
      { class: 'hops ends' },
      ends.map(({ name, what, seconds: adds }) =>
        h('li', {}, hopRow(short(name), { kind: what, bytesPerSecond: null, seconds: adds }, false)),
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

/** The route in a line, for where there is no room for more and for who hears it. */
export function routeLine({ route, tree }: ViewState): string {
  if (route === null || tree === null) return '';
  const short = shortIn(tree);
  const { path } = route;
  if (route.to === null) return `Route from ${short(route.from)}: choose the other end`;
  const ends = `${short(route.from)} → ${short(route.to)}`;
  if (path === null) return ends;
  if (path.route === 'none') return `${ends}: no route`;
  return `${ends}: ${rate(path.bytesPerSecond)}, ${seconds(path.latencySeconds)}, ${routeWords(path)}`;
}

const shortIn =
  (tree: Tree) =>
  (name: string): string => {
    // A connection is named after its ends.
    if (name.includes(' <-> ')) return name.split(' <-> ').map(shortIn(tree)).join(' ↔ ');
    const found = tree.byName.get(withoutMemory(name))?.shortName;
    return found === undefined ? name : name.endsWith('.memory') ? `${found}.memory` : found;
  };

const hopKinds: Readonly<Record<string, string>> = { 'root-complex': 'root complex', interconnect: 'connection' };

/** A step of a route: what it is, what it carries alone, what it adds. */
function hopRow(
  name: HTMLElement | string,
  hop: { readonly kind: string; readonly bytesPerSecond: number | null; readonly seconds: number },
  limits: boolean,
): HTMLElement {
  const mark = limits ? h('span', { class: 'limit', title: 'limits the route' }, limitSign, hidden(' limits')) : null;
  return h(
    'span',
    { class: 'hop' },
    h('span', {}, name, ' ', h('span', { class: 'note' }, hopKinds[hop.kind] ?? hop.kind)),
    h('span', { class: 'figure' }, hop.bytesPerSecond === null ? '' : rate(hop.bytesPerSecond), ' ', mark),
    h('span', { class: 'figure' }, hop.seconds > 0 ? `+${seconds(hop.seconds)}` : ''),
  );
}

const seconds = (value: number): string => formatSeconds(value).replace(' us', ' µs');
