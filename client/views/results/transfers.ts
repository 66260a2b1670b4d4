import type { RunExplanation } from '../../../simulator/explain/explain.types.ts';
import type { RunResult, TransferResult } from '../../../simulator/simulate.types.ts';
import { routeWords } from '../route-names.ts';
import { axisHeading } from './axis.ts';
import { h, hidden, place } from './dom.ts';
import { type Column, nameButton, opener, section, someRows, table } from './parts.ts';
import { whyOf } from './reasons.ts';
import type { Scene } from './state.ts';
import { count, limitNames, rate, size, time } from './text.ts';
import { segment } from './timeline.ts';

/** The transfers of a run: what each did, when, and what held it back. One that is alone is open from the beginning. */
export function transfersSection(
  scene: Scene,
  id: string,
  run: RunResult,
  explanation: RunExplanation,
): HTMLElement | null {
  if (run.transfers.length === 0) return null;
  const alone = run.transfers.length === 1;
  const { shown, more } = someRows(scene, `${id}-more`, run.transfers, 20, 'transfers');
  const end = Math.max(run.makespanSeconds, ...run.transfers.map((transfer) => transfer.endSeconds));
  const isOpen = (index: number): boolean => scene.state.open.has(`${id}-${index}`) !== alone;
  const rows = table('Transfers', columnsOf(scene, id, explanation, end, isOpen), shown, (transfer, index) =>
    isOpen(index) ? whyOf(scene, `${id}-${index}-why`, transfer, explanation.transfers[index]) : null,
  );
  const note = alone ? '' : `${run.transfers.length}, in ${time(run.makespanSeconds)}`;
  const made = section(
    scene,
    id,
    alone ? 'Transfer' : 'Transfers',
    note,
    alone ? null : legend(run.transfers),
    rows,
    more,
  );
  made.classList.add('transfers');
  return made;
}

function columnsOf(
  scene: Scene,
  id: string,
  explanation: RunExplanation,
  end: number,
  isOpen: (index: number) => boolean,
): readonly Column<TransferResult>[] {
  const route = (transfer: TransferResult): HTMLElement =>
    h('span', { class: `route ${transfer.route}` }, routeWords(transfer));
  return [
    {
      title: 'Transfer',
      kind: 'opens',
      cell: (transfer, index) => [
        opener(scene, `${id}-${index}`, transfer.name.replace(' -> ', ' to '), isOpen(index)),
        nameButton(scene, `${id}-${index}-name`, transfer.name),
        h('span', { class: 'narrow-route', 'aria-hidden': 'true' }, route(transfer)),
      ],
    },
    {
      title: 'From → to',
      kind: 'ends wide',
      cell: ({ name, from, to }, index) =>
        // Without a name of its own it is called by its ends.
        name.includes(' -> ')
          ? ''
          : [
              nameButton(scene, `${id}-${index}-from`, from),
              h('span', { 'aria-hidden': 'true' }, ' → '),
              hidden(' to '),
              nameButton(scene, `${id}-${index}-to`, to),
            ],
    },
    { title: 'Size', kind: 'number spare', cell: ({ bytes }) => size(bytes) },
    { title: 'Rate', kind: 'number strong', cell: ({ bytesPerSecond }) => rate(bytesPerSecond) },
    { title: 'Time', kind: 'number wide', cell: ({ startSeconds, endSeconds }) => time(endSeconds - startSeconds) },
    {
      title: 'First byte',
      kind: 'number wide roomy',
      hint: 'Latency: the time from the start to the first byte at its destination',
      cell: ({ startSeconds, firstByteSeconds }) => time(firstByteSeconds - startSeconds),
    },
    { title: 'Route', kind: 'medium', cell: route },
    {
      title: 'Limited by',
      kind: 'wide',
      cell: ({ bottleneck }, index) =>
        explanation.transfers[index]?.limits[0]?.kind === 'latency'
          ? 'latency'
          : nameButton(scene, `${id}-${index}-limit`, bottleneck),
    },
    { title: 'When', kind: 'when', heading: axisHeading(end), cell: (transfer) => timeBar(transfer, end) },
  ];
}

function timeBar(transfer: TransferResult, end: number): HTMLElement {
  const whole = segment(transfer.startSeconds, transfer.endSeconds, end);
  const title = `${transfer.name}: ${time(transfer.startSeconds)} to ${time(transfer.endSeconds)}`;
  const bars = transfer.phases.map((phase) => {
    const { left, width } = segment(phase.startSeconds, phase.endSeconds, end, 0);
    const bar = h('span', {
      class: `bar ${phase.kind}`,
      title: `${time(phase.startSeconds)} to ${time(phase.endSeconds)}: ${rate(phase.bytesPerSecond)}, ${phase.limitedBy}`,
    });
    return place(bar, left, width);
  });
  const track = h('span', { class: 'track timeline', role: 'img', 'aria-label': title, title });
  track.append(place(h('span', { class: 'bar base' }), whole.left, whole.width), ...bars);
  return track;
}

function legend(transfers: readonly TransferResult[]): HTMLElement | null {
  const kinds = [...new Set(transfers.flatMap((transfer) => transfer.phases.map((phase) => phase.kind)))];
  if (kinds.length === 0) return null;
  const items = kinds.map((kind) =>
    h('li', {}, h('span', { class: `swatch ${kind}`, 'aria-hidden': 'true' }), limitNames[kind]),
  );
  return h(
    'ul',
    { class: 'legend', 'aria-label': `Colours of the bars: ${count(kinds.length, 'kind')} of limit` },
    h('li', { 'aria-hidden': 'true' }, 'limited by'),
    items,
  );
}
