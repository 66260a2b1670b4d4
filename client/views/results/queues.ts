import type { QueueTrack, RunExplanation } from '../../../simulator/explain/explain.types.ts';
import type { RunResult } from '../../../simulator/simulate.types.ts';
import { axisRow } from './axis.ts';
import { chart } from './chart.ts';
import { h, hidden } from './dom.ts';
import { nameButton, section, someRows } from './parts.ts';
import type { Scene } from './state.ts';
import { limitNames, packets } from './text.ts';

const arrows: Readonly<Record<string, string>> = { up: '↑', down: '↓' };
const ways: Readonly<Record<string, string>> = { up: ' upwards', down: ' downwards' };

/** How many packets stood before links, memories and devices, over the time of a run that moved packets. */
export function queuesSection(
  scene: Scene,
  id: string,
  run: RunResult,
  { queues }: RunExplanation,
): HTMLElement | null {
  if (queues.length === 0) return null;
  const { shown, more } = someRows(scene, `${id}-more`, queues, 12, 'queues');
  const rows = shown.map((queue, index) => queueRow(scene, `${id}-${index}`, queue, run.makespanSeconds));
  return section(
    scene,
    id,
    'Queues',
    'packets that wait for what is before them, mean and most',
    axisRow(run.makespanSeconds, 'mean', 'most'),
    h('ul', { class: 'tracks work', 'aria-labelledby': id }, rows),
    more,
  );
}

function queueRow(
  scene: Scene,
  id: string,
  { name, kind, way, depth, mean, peak }: QueueTrack,
  end: number,
): HTMLElement {
  const towards = way === null ? '' : (ways[way] ?? `, ${way}`);
  const said = `${packets(mean)} wait for ${name}${towards} on average, ${packets(peak)} at most`;
  const word = limitNames[kind];
  const note = [kind === 'link' || name.includes(word) ? '' : word, way === null || way in arrows ? '' : way]
    .filter((text) => text !== '')
    .join(', ');
  return h(
    'li',
    { class: 'track-row', title: said },
    h(
      'div',
      { class: 'track-name' },
      nameButton(scene, id, name),
      note === '' ? null : h('span', { class: 'quiet', 'aria-hidden': 'true' }, note),
      hidden(said),
    ),
    h(
      'div',
      { class: 'track-lane', 'aria-hidden': 'true' },
      h('span', { class: 'way' }, way === null ? '' : (arrows[way] ?? '')),
      h('span', { class: 'plot' }, chart(depth, [0, end], Math.max(1, peak), 'queue')),
      h(
        'span',
        { class: 'figures' },
        h('span', { class: 'figure strong' }, packets(mean)),
        h('span', { class: 'figure quiet' }, packets(peak)),
      ),
    ),
  );
}
