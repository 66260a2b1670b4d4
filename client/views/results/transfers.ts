import type { RunExplanation, TransferExplanation } from '../../../simulator/explain/explain.types.ts';
import type { LimitPhase, RunResult, TransferResult } from '../../../simulator/simulate.types.ts';
import { h, hidden, place } from './dom.ts';
import { limitList, waterfall } from './limits.ts';
import { column, nameButton, section, someRows, table } from './parts.ts';
import { type Scene, shortName } from './state.ts';
import { count, limitNames, rate, routeNames, size, time } from './text.ts';
import { segment, ticks } from './timeline.ts';

const columnCount = 9;

/**
 * The transfers of a run: what each did, when, and what held it back.
 *
 * @param named whether the run has a heading of its own
 */
export function transfersSection(
  scene: Scene,
  id: string,
  run: RunResult,
  explanation: RunExplanation,
  named: boolean,
): HTMLElement | null {
  if (run.transfers.length === 0) return null;
  const { shown, more } = someRows(scene, `${id}-more`, run.transfers, 60, 'transfers');
  const end = Math.max(run.makespanSeconds, ...run.transfers.map((transfer) => transfer.endSeconds));
  const rows = shown.flatMap((transfer, index) =>
    transferRows(scene, `${id}-${index}`, transfer, explanation.transfers[index], end),
  );
  const head = [
    column('Transfer'),
    column('From → to', 'wide'),
    column('Size', 'number spare'),
    column('Rate', 'number'),
    column('Time', 'number wide'),
    column('First byte', 'number wide', 'Time from the start to the first byte at its destination'),
    column('Route'),
    column('Limited by', 'wide'),
    timeColumn(end),
  ];
  const rowsOfRun = table('Transfers', head, rows);
  // The heading of a run that is one transfer says all that a heading can say.
  if (named && run.transfers.length === 1)
    return h('section', { class: 'transfers', 'aria-label': 'Transfers' }, rowsOfRun, more, legend(shown));
  const note = run.transfers.length === 1 ? '' : `${run.transfers.length}, in ${time(run.makespanSeconds)}`;
  const made = section(id, 'Transfers', note, legend(shown), rowsOfRun, more);
  made.classList.add('transfers');
  return made;
}

function transferRows(
  scene: Scene,
  id: string,
  transfer: TransferResult,
  explanation: TransferExplanation | undefined,
  end: number,
): readonly HTMLElement[] {
  const seconds = transfer.endSeconds - transfer.startSeconds;
  const open = scene.state.open.has(id);
  const why = h(
    'button',
    {
      id,
      class: 'why',
      type: 'button',
      'aria-expanded': open ? 'true' : 'false',
      title: 'Why this route',
      onclick: () => scene.actions.toggle(id),
    },
    h('span', { class: 'chevron', 'aria-hidden': 'true' }),
    h('span', { class: `route ${transfer.route}` }, routeNames[transfer.route]),
  );
  const row = h(
    'tr',
    {},
    h('th', { scope: 'row' }, nameButton(scene, `${id}-name`, transfer.name)),
    h(
      'td',
      { class: 'ends wide' },
      nameButton(scene, `${id}-from`, transfer.from),
      h('span', { 'aria-hidden': 'true' }, ' → '),
      hidden(' to '),
      nameButton(scene, `${id}-to`, transfer.to),
    ),
    h('td', { class: 'number spare' }, size(transfer.bytes)),
    h('td', { class: 'number strong' }, rate(transfer.bytesPerSecond)),
    h('td', { class: 'number wide' }, time(seconds)),
    h('td', { class: 'number wide' }, time(transfer.firstByteSeconds - transfer.startSeconds)),
    h('td', {}, why),
    h('td', { class: 'wide' }, nameButton(scene, `${id}-limit`, transfer.bottleneck)),
    h('td', { class: 'when' }, timeBar(transfer, end)),
  );
  return open ? [row, whyRow(scene, `${id}-why`, transfer, explanation)] : [row];
}

/** The reasons for the route, and the phases, below the row. */
function whyRow(
  scene: Scene,
  id: string,
  transfer: TransferResult,
  explanation: TransferExplanation | undefined,
): HTMLElement {
  const reasons = transfer.reasons.map((reason, index) =>
    h(
      'li',
      {},
      reason.message,
      ' ',
      h('code', {}, reason.code),
      reason.at === null ? null : ' ',
      reason.at === null ? null : nameButton(scene, `${id}-at-${index}`, reason.at),
    ),
  );
  const then = ({ next }: LimitPhase) =>
    next == null ? '' : `, then by ${shortName(scene.state, next.limitedBy)} at ${rate(next.bytesPerSecond)}`;
  const phases = transfer.phases.map((phase) =>
    h(
      'li',
      {},
      h('span', { class: `swatch ${phase.kind}`, 'aria-hidden': 'true' }),
      `${time(phase.startSeconds)} to ${time(phase.endSeconds)}: ${rate(phase.bytesPerSecond)}, held back by ${shortName(scene.state, phase.limitedBy)} (${limitNames[phase.kind]})${then(phase)}`,
    ),
  );
  return h(
    'tr',
    { class: 'detail' },
    h(
      'td',
      { colspan: columnCount },
      h(
        'div',
        { class: 'detail-content' },
        h(
          'div',
          {},
          h('h3', {}, 'Why this route'),
          h('ol', {}, reasons.length === 0 ? [h('li', {}, 'No reason was given.')] : reasons),
        ),
        h(
          'div',
          {},
          h('h3', {}, 'What held it back'),
          explanation === undefined ? h('ol', { class: 'phases' }, someItems(phases)) : limitList(scene, explanation),
        ),
        explanation === undefined || explanation.latency.length === 0
          ? null
          : waterfall(scene, `${id}-latency`, explanation),
      ),
    ),
  );
}

function someItems(items: readonly HTMLElement[], limit = 40): readonly HTMLElement[] {
  if (items.length <= limit) return items;
  return [...items.slice(0, limit), h('li', {}, `and ${items.length - limit} more`)];
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

/** The heading of the time column is its axis. */
function timeColumn(end: number): HTMLElement {
  const marks = ticks(end)
    .filter((mark) => mark <= end * 0.86)
    .map((mark) => {
      const label = h('span', { class: 'tick' }, mark === 0 ? '0' : time(mark));
      label.style.left = `${(mark / end) * 100}%`;
      return label;
    });
  return h(
    'th',
    { scope: 'col', class: 'when' },
    hidden(`From 0 to ${time(end)}`),
    h('span', { class: 'axis', 'aria-hidden': 'true' }, marks),
  );
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
    items,
  );
}
