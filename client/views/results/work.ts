import type { RunExplanation, WorkTrack } from '../../../simulator/explain/explain.types.ts';
import type { RunResult } from '../../../simulator/simulate.types.ts';
import { axisRow } from './axis.ts';
import { chart } from './chart.ts';
import { h, hidden, place } from './dom.ts';
import { section, someRows } from './parts.ts';
import { type Scene, shortName } from './state.ts';
import { count, share, time } from './text.ts';
import { segment } from './timeline.ts';

/** Bars in a lane are so high; a track with many rows is drawn as how many were at work. */
const mostRows = 6;

/** Engines, queues and threads: what was at work in each, and what waited. */
export function workSection(scene: Scene, id: string, run: RunResult, explanation: RunExplanation): HTMLElement | null {
  const streams = new Set(run.operations.map(({ process, stream }) => `${process}/${stream}`));
  const tracks = explanation.work.filter(({ name }) => !streams.has(name));
  if (tracks.length === 0) return null;
  const { shown, more } = someRows(scene, `${id}-more`, tracks, 12, 'tracks', someOfEachKind);
  // Tracks of one stretch of time stand below its axis: some are recorded for the beginning of a long run only.
  const windows = new Map<number, WorkTrack[]>();
  for (const track of shown) windows.set(track.window[1], [...(windows.get(track.window[1]) ?? []), track]);
  const parts = [...windows].flatMap(([end, group]) => [
    windows.size === 1 && end >= run.makespanSeconds ? null : windowNote(run, end, group),
    axisRow(end, 'at work'),
    h(
      'ul',
      { class: 'tracks work', 'aria-labelledby': id },
      group.map((track) => trackRow(scene, track)),
    ),
  ]);
  return section(
    scene,
    id,
    'Engines, queues and threads',
    'what was at work, and how much of the time',
    ...parts,
    more,
  );
}

/** How much of the run the tracks below are about. */
function windowNote({ makespanSeconds }: RunResult, end: number, group: readonly WorkTrack[]): HTMLElement {
  const later = group.some((track) => track.cut) ? 'what came later was not recorded' : 'nothing came later';
  const text = end >= makespanSeconds ? 'The whole run' : `The first ${time(end)}; ${later}`;
  return h('p', { class: 'note window' }, text);
}

/** As many as there is room for, of each kind in turn: many cores must not hide the queues that they serve. */
export function someOfEachKind<T extends { readonly name: string }>(all: readonly T[], limit: number): readonly T[] {
  const kinds = new Map<string, T[]>();
  for (const one of all) {
    const kind = one.name.replace(/\d+/g, '#');
    kinds.set(kind, [...(kinds.get(kind) ?? []), one]);
  }
  const chosen = new Set<T>();
  for (let round = 0; chosen.size < limit && round < all.length; round++) {
    for (const one of [...kinds.values()].flatMap((kind) => kind.slice(round, round + 1))) {
      if (chosen.size < limit) chosen.add(one);
    }
  }
  return all.filter((one) => chosen.has(one));
}

function trackRow(scene: Scene, track: WorkTrack): HTMLElement {
  const { name, slots, busy, waiting, steps, share: part, peak, bars, window } = track;
  const short = shortName(scene.state, name);
  const watched = track.cut ? `, of the first ${time(window[1])} alone` : '';
  const waited = waiting === null ? '' : `, up to ${Math.max(...waiting.values)} waiting`;
  const said = `${short}: ${count(steps, 'step')}, at work ${share(part)} of the time${watched}, up to ${peak} at once${waited}`;
  const rows = bars === null ? Number.POSITIVE_INFINITY : 1 + Math.max(...bars.map(({ row }) => row));
  const drawn =
    bars === null || rows > mostRows
      ? chart(busy, window, Math.max(slots ?? 0, peak, 1), 'level')
      : h(
          'span',
          { class: `lanes rows-${rows}` },
          bars.map((bar) => {
            const from = bar.startSeconds - window[0];
            const { left, width } = segment(from, bar.endSeconds - window[0], window[1] - window[0], 0.001);
            const title = `${bar.name}: ${time(bar.startSeconds)} to ${time(bar.endSeconds)}`;
            const label = width > 0.06 ? shortName(scene.state, bar.name) : '';
            return place(h('span', { class: `bar step row-${bar.row}`, title }, label), left, width);
          }),
        );
  const more = [
    peak > 1 ? `${peak} at once` : '',
    slots !== null && slots > 1 ? `of ${slots}` : '',
    waiting === null ? '' : `${Math.max(...waiting.values)} wait`,
  ].filter((text) => text !== '');
  return h(
    'li',
    { class: 'track-row', title: said },
    h('div', { class: 'track-name' }, h('span', { 'aria-hidden': 'true' }, short), hidden(said)),
    h(
      'div',
      { class: 'track-lane', 'aria-hidden': 'true' },
      h('span', { class: 'way' }),
      h(
        'span',
        { class: 'plot' },
        drawn,
        waiting === null ? null : chart(waiting, window, Math.max(...waiting.values), 'waiting'),
      ),
      h(
        'span',
        { class: 'figures' },
        h('span', { class: 'figure strong' }, share(part)),
        h('span', { class: 'quiet rest' }, more.join(', ')),
      ),
    ),
  );
}
