import type { LinkUse, RunResult } from '../../../simulator/simulate.types.ts';
import { h } from './dom.ts';
import { linkRows } from './link-rows.ts';
import { column, meter, nameButton, section, someRows, table } from './parts.ts';
import type { Scene } from './state.ts';
import { share, size } from './text.ts';

/** How busy the links were, both directions of each. */
export function linksSection(scene: Scene, id: string, run: RunResult): HTMLElement | null {
  const rows = linkRows(run.links);
  if (rows.length === 0) return null;
  const { shown, more } = someRows(scene, `${id}-more`, rows, 12, 'links');
  const head = [
    column('Link'),
    column('↑ up', 'use', 'Towards the root complex'),
    column('↓ down', 'use', 'Away from the root complex'),
    column('Payload', 'number spare', 'Payload in both directions, and its share of the bytes on the wire'),
  ];
  const body = shown.map((row, index) =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, nameButton(scene, `${id}-${index}`, row.name)),
      h('td', { class: 'use' }, useOf(row.up)),
      h('td', { class: 'use' }, useOf(row.down)),
      h('td', { class: 'number spare' }, payload([row.up, row.down])),
    ),
  );
  return section(id, 'Links', 'share of the time in which the wire was busy', table('Links', head, body), more);
}

function useOf(use: LinkUse | null): Node {
  if (use === null || use.wireBytes === 0) return h('span', { class: 'quiet' }, 'idle');
  return meter(use.utilisation, `${size(use.payloadBytes)} of payload, ${size(use.wireBytes)} on the wire`);
}

function payload(uses: readonly (LinkUse | null)[]): string {
  const bytes = uses.reduce((sum, use) => sum + (use?.payloadBytes ?? 0), 0);
  const wire = uses.reduce((sum, use) => sum + (use?.wireBytes ?? 0), 0);
  return wire > 0 ? `${size(bytes)} (${share(bytes / wire)})` : size(bytes);
}

/** Memories, interconnects and the like. */
export function resourcesSection(scene: Scene, id: string, run: RunResult): HTMLElement | null {
  const used = run.resources.filter((resource) => resource.bytes > 0).sort((a, b) => b.utilisation - a.utilisation);
  if (used.length === 0) return null;
  const { shown, more } = someRows(scene, `${id}-more`, used, 12, 'resources');
  const head = [column('Resource'), column('Kind'), column('Busy', 'use'), column('Bytes', 'number')];
  const body = shown.map((resource, index) =>
    h(
      'tr',
      {},
      h('th', { scope: 'row' }, nameButton(scene, `${id}-${index}`, resource.name)),
      h('td', {}, resource.kind.replace('-', ' ')),
      h('td', { class: 'use' }, meter(resource.utilisation, size(resource.bytes))),
      h('td', { class: 'number' }, size(resource.bytes)),
    ),
  );
  return section(id, 'Memory and other resources', '', table('Memory and other resources', head, body), more);
}
