import type { RunExplanation, UseTrack } from '../../../simulator/explain/explain.types.ts';
import type { RunResult } from '../../../simulator/simulate.types.ts';
import { axis } from './axis.ts';
import { chart, full, valueAt } from './chart.ts';
import { h, hidden } from './dom.ts';
import { nameButton, section, someRows } from './parts.ts';
import type { Scene } from './state.ts';
import { limitNames, roughSize, share, time } from './text.ts';

/** Both directions of a link, or the one way of anything else. */
interface Row {
  readonly name: string;
  readonly tracks: readonly UseTrack[];
  /** It limited longer than anything else. */
  readonly isBottleneck: boolean;
}

const arrows: Readonly<Record<string, string>> = { up: '↑', down: '↓', forward: '→', back: '←' };
const ways: Readonly<Record<string, string>> = {
  up: 'up, towards the root complex',
  down: 'down, away from it',
  forward: 'from the first to the second',
  back: 'from the second to the first',
};
/** What the share of a device's media or of its port is a share of. */
const bandwidths: Readonly<Record<string, string>> = {
  read: 'read bandwidth',
  write: 'write bandwidth',
  send: 'send bandwidth',
  receive: 'receive bandwidth',
};

/** What all rows share: the cursor tells each of them its time. */
interface Cursor {
  readonly readers: ((at: number | null) => void)[];
  readonly lines: HTMLElement[];
}

/** How busy links, memories, devices and engines were, over the time of the run; a cursor tells the figures of one time. */
export function useSection(scene: Scene, id: string, run: RunResult, explanation: RunExplanation): HTMLElement | null {
  const rows = rowsOf(explanation);
  if (rows.length === 0) return null;
  const end = run.makespanSeconds;
  const { shown, more } = someRows(scene, `${id}-more`, rows, 12, 'tracks');
  const cursor: Cursor = { readers: [], lines: [] };
  const list = h(
    'ul',
    { class: 'tracks', 'aria-labelledby': id },
    shown.map((row, index) => rowOf(scene, `${id}-${index}`, run, row, cursor)),
  );
  const scale = axisWithCursor(end, (at) => {
    for (const read of cursor.readers) read(at);
    for (const line of cursor.lines) {
      line.hidden = at === null;
      line.style.left = `${((at ?? 0) / end) * 100}%`;
    }
  });
  list.addEventListener('pointermove', (event) => scale.point(event));
  list.addEventListener('pointerleave', () => scale.leave());
  const directed = shown.some(({ tracks }) => tracks.some(({ kind }) => kind === 'link'));
  const note = `share of the capacity, red where it was full${directed ? '; ↑ towards the root complex, ↓ away from it' : ''}`;
  const made = section(scene, id, 'Busy over time', note, scale.element, list, more);
  made.classList.add('use-section');
  return made;
}

/** What limited for the longest comes first; the rest stays in its order. */
function rowsOf({ use, bottlenecks }: RunExplanation): readonly Row[] {
  const rows = new Map<string, UseTrack[]>();
  for (const track of use) {
    const key = `${track.kind} ${track.name}`;
    const row = rows.get(key);
    if (row === undefined) rows.set(key, [track]);
    else row.push(track);
  }
  const limits = bottlenecks.slice(0, 3).map(({ kind, limitedBy }) => `${kind} ${limitedBy}`);
  const keys = new Set([...limits.filter((key) => rows.has(key)), ...rows.keys()]);
  return [...keys].map((key) => {
    const tracks = rows.get(key) ?? [];
    return {
      name: tracks[0]?.name ?? '',
      tracks,
      // Something else of a device may limit than what is drawn here: its operations, not its bytes.
      isBottleneck: key === limits[0] && tracks.some(({ peak }) => peak >= full),
    };
  });
}

function rowOf(scene: Scene, id: string, run: RunResult, row: Row, cursor: Cursor): HTMLElement {
  const { name, tracks, isBottleneck } = row;
  const lanes = tracks.map((track) => laneOf(run, track, cursor));
  const [first] = tracks;
  const kind = first === undefined ? '' : limitNames[first.kind];
  // What the name says already is not said again.
  const said = kind === 'link' || name.includes(kind) ? '' : kind;
  const ofWhat = tracks.map(({ way }) => (way === null ? '' : (bandwidths[way] ?? '')));
  const note = [isBottleneck ? 'bottleneck' : '', ...(ofWhat.some((words) => words !== '') ? ofWhat : [said])]
    .filter((text) => text !== '')
    .join(', ');
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

/** One direction: its chart and its figures, over the run or at the time of the cursor. */
function laneOf(run: RunResult, track: UseTrack, { readers, lines }: Cursor): HTMLElement {
  const { way, use, mean, peak } = track;
  const moved = movedBytes(run, track);
  const figure = h('span', { class: 'figure strong' }, share(mean));
  const most = h('span', { class: 'figure quiet' }, share(peak));
  readers.push((at) => {
    figure.textContent = share(at === null ? mean : (valueAt(use, at) ?? 0));
    most.textContent = at === null ? share(peak) : '';
  });
  const line = h('span', { class: 'cursor-line', hidden: true });
  lines.push(line);
  const said = way === null ? '' : `${ways[way] ?? way}: `;
  const bytes = moved === null ? '' : `; ${moved.words}`;
  const title = `${said}${share(mean)} busy on average, ${share(peak)} at most${bytes}`;
  return h(
    'div',
    { class: 'track-lane', title },
    h('span', { class: 'way', 'aria-hidden': 'true' }, way === null ? '' : (arrows[way] ?? '')),
    hidden(title),
    h('span', { class: 'plot' }, chart(use, [0, run.makespanSeconds], 1, 'use'), line),
    h(
      'span',
      { class: 'figures', 'aria-hidden': 'true' },
      figure,
      most,
      h('span', { class: 'figure quiet' }, moved?.bytes ?? ''),
    ),
  );
}

function movedBytes(
  run: RunResult,
  { name, kind, way }: UseTrack,
): { readonly bytes: string; readonly words: string } | null {
  if (kind === 'link') {
    const link = run.links.find((one) => one.name === name && one.direction === way);
    if (link === undefined) return null;
    const bytes = link.payloadBytes === 0 ? '' : roughSize(link.payloadBytes);
    return { bytes, words: `${roughSize(link.payloadBytes)} of payload, ${roughSize(link.wireBytes)} on the wire` };
  }
  // What has several directions is listed several times, which does not say which is which.
  const [resource, other] = run.resources.filter((one) => one.name === name && one.kind === kind);
  if (resource === undefined || other !== undefined || resource.bytes === 0) return null;
  const bytes = roughSize(resource.bytes);
  return { bytes, words: bytes };
}

interface Axis {
  readonly element: HTMLElement;
  /** The pointer is over the tracks. */
  point(event: PointerEvent): void;
  leave(): void;
}

/** The axis, on which a time can be chosen by keyboard as well; the tracks then say what was at that time. */
function axisWithCursor(end: number, choose: (at: number | null) => void): Axis {
  const steps = 200;
  const input = h('input', {
    type: 'range',
    class: 'cursor',
    min: 0,
    max: steps,
    step: 1,
    value: 0,
    title: 'Choose a time with the arrow keys; Escape shows the whole run',
    'aria-label': 'Time that the figures are about',
    'aria-valuetext': 'the whole run',
  });
  const [figure, most] = [h('span', { class: 'figure' }, 'mean'), h('span', { class: 'figure' }, 'peak')];
  const show = (at: number | null): void => {
    input.setAttribute('aria-valuetext', at === null ? 'the whole run' : time(at));
    figure.textContent = at === null ? 'mean' : time(at);
    most.textContent = at === null ? 'peak' : '';
    choose(at);
  };
  input.addEventListener('input', () => show((Number(input.value) / steps) * end));
  input.addEventListener('blur', () => show(null));
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') show(null);
  });
  const scale = h('span', { class: 'plot' }, axis(end, 0.94), input);
  const heads = h(
    'span',
    { class: 'figures quiet', 'aria-hidden': 'true' },
    figure,
    most,
    h('span', { class: 'figure' }, 'moved'),
  );
  const lane = h('div', { class: 'track-lane' }, h('span', { class: 'way' }), scale, heads);
  const element = h('div', { class: 'track-row track-axis' }, h('div', { class: 'track-name' }), lane);
  return {
    element,
    point(event) {
      const box = scale.getBoundingClientRect();
      const fraction = (event.clientX - box.left) / box.width;
      show(fraction >= 0 && fraction <= 1 ? fraction * end : null);
    },
    leave: () => show(null),
  };
}
