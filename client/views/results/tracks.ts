import type { RunExplanation, UseTrack } from '../../../simulator/explain/explain.types.ts';
import type { RunResult } from '../../../simulator/simulate.types.ts';
import { chart, valueAt } from './chart.ts';
import { h, hidden } from './dom.ts';
import { nameButton, section, someRows } from './parts.ts';
import type { Scene } from './state.ts';
import { limitNames, share, size, time } from './text.ts';
import { ticks } from './timeline.ts';

/** Both directions of a link, or the one way of anything else. */
interface Row {
  readonly name: string;
  readonly tracks: readonly UseTrack[];
}

const arrows: Readonly<Record<string, string>> = { up: '↑', down: '↓' };
const ways: Readonly<Record<string, string>> = { up: 'up, towards the root complex', down: 'down, away from it' };

/** How busy links, memories, devices and engines were, over the time of the run; a cursor tells the figures of one time. */
export function useSection(scene: Scene, id: string, run: RunResult, explanation: RunExplanation): HTMLElement | null {
  const rows = rowsOf(explanation.use);
  if (rows.length === 0) return null;
  const end = run.makespanSeconds;
  const { shown, more } = someRows(scene, `${id}-more`, rows, 14, 'tracks');
  const readers: ((at: number | null) => void)[] = [];
  const lines: HTMLElement[] = [];
  const list = h(
    'ul',
    { class: 'tracks', 'aria-labelledby': id },
    shown.map((row, index) => rowOf(scene, `${id}-${index}`, run, row, end, readers, lines)),
  );
  const axis = axisRow(end, (at) => {
    for (const read of readers) read(at);
    for (const line of lines) {
      line.hidden = at === null;
      line.style.left = `${((at ?? 0) / end) * 100}%`;
    }
  });
  list.addEventListener('pointermove', (event) => axis.point(event));
  list.addEventListener('pointerleave', () => axis.leave());
  const made = section(id, 'Busy over time', 'share of the capacity; red where it was full', axis.element, list, more);
  made.classList.add('use-section');
  return made;
}

function rowsOf(tracks: readonly UseTrack[]): readonly Row[] {
  const rows = new Map<string, UseTrack[]>();
  for (const track of tracks) {
    const key = `${track.kind} ${track.name}`;
    const row = rows.get(key);
    if (row === undefined) rows.set(key, [track]);
    else row.push(track);
  }
  return [...rows.values()].map((row) => ({ name: row[0]?.name ?? '', tracks: row }));
}

function rowOf(
  scene: Scene,
  id: string,
  run: RunResult,
  { name, tracks }: Row,
  end: number,
  readers: ((at: number | null) => void)[],
  lines: HTMLElement[],
): HTMLElement {
  const lanes = tracks.map((track) => {
    const { way, use, mean, peak } = track;
    const bytes = bytesOf(run, track);
    const figure = h('span', { class: 'figure' }, share(mean));
    const detail = h('span', { class: 'quiet' }, peak > mean * 1.01 ? `peak ${share(peak)}` : '');
    readers.push((at) => {
      figure.textContent = at === null ? share(mean) : share(valueAt(use, at) ?? 0);
      detail.textContent = at === null ? (peak > mean * 1.01 ? `peak ${share(peak)}` : '') : `at ${time(at)}`;
    });
    const line = h('span', { class: 'cursor-line', hidden: true });
    lines.push(line);
    const said = way === null ? '' : `${ways[way] ?? way}: `;
    const title = `${said}${share(mean)} busy on average, ${share(peak)} at most${bytes === null ? '' : `; ${bytes}`}`;
    return h(
      'div',
      { class: 'track-lane', title },
      h('span', { class: 'way', 'aria-hidden': 'true' }, way === null ? '' : (arrows[way] ?? '')),
      hidden(title),
      h('span', { class: 'plot' }, chart(use, [0, end], 1, 'use'), line),
      h('span', { class: 'figures', 'aria-hidden': 'true' }, figure, detail),
    );
  });
  const [first] = tracks;
  const kind = first === undefined ? '' : limitNames[first.kind];
  // What the name says already is not said again.
  const words = [kind === 'link' || name.includes(kind) ? '' : kind, ...tracks.map(({ way }) => wordOf(way))];
  const note = words.filter((word) => word !== '').join(', ');
  return h(
    'li',
    { class: 'track-row' },
    h(
      'div',
      { class: 'track-name' },
      nameButton(scene, id, name),
      note === '' ? null : h('span', { class: 'quiet' }, note),
    ),
    h('div', { class: 'track-lanes' }, lanes),
  );
}

/** Directions of links have arrows. */
const wordOf = (way: UseTrack['way']): string => (way === null || way in arrows ? '' : way);

function bytesOf(run: RunResult, { name, kind, way }: UseTrack): string | null {
  if (kind === 'link') {
    const link = run.links.find((one) => one.name === name && one.direction === way);
    return link === undefined ? null : `${size(link.payloadBytes)} of payload, ${size(link.wireBytes)} on the wire`;
  }
  const resource = run.resources.find((one) => one.name === name && one.kind === kind);
  return resource === undefined ? null : size(resource.bytes);
}

interface Axis {
  readonly element: HTMLElement;
  /** The pointer is over the tracks. */
  point(event: PointerEvent): void;
  leave(): void;
}

/** The axis, on which a time can be chosen by keyboard as well; the tracks then say what was at that time. */
function axisRow(end: number, choose: (at: number | null) => void): Axis {
  const steps = 200;
  const input = h('input', {
    type: 'range',
    class: 'cursor',
    min: 0,
    max: steps,
    step: 1,
    value: 0,
    'aria-label': 'Time that the figures are about',
    'aria-valuetext': 'the whole run',
  });
  const chooseStep = (): void => {
    const at = (Number(input.value) / steps) * end;
    input.setAttribute('aria-valuetext', time(at));
    choose(at);
  };
  const whole = (): void => {
    input.setAttribute('aria-valuetext', 'the whole run');
    choose(null);
  };
  input.addEventListener('input', chooseStep);
  input.addEventListener('blur', whole);
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') whole();
  });
  const marks = ticks(end)
    .filter((mark) => mark <= end * 0.94)
    .map((mark) => {
      const label = h('span', { class: 'tick' }, mark === 0 ? '0' : time(mark));
      label.style.left = `${(mark / end) * 100}%`;
      return label;
    });
  const scale = h('span', { class: 'plot' }, h('span', { class: 'axis', 'aria-hidden': 'true' }, marks), input);
  const lane = h('div', { class: 'track-lane' }, h('span', { class: 'way' }), scale);
  const element = h('div', { class: 'track-row track-axis' }, h('div', { class: 'track-name' }), lane);
  return {
    element,
    point(event) {
      const box = scale.getBoundingClientRect();
      const fraction = (event.clientX - box.left) / box.width;
      choose(fraction >= 0 && fraction <= 1 ? fraction * end : null);
    },
    leave: () => choose(null),
  };
}
