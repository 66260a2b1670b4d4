import type { RunRecord } from '../../../server/protocol.ts';
import type { TransferResult } from '../../../simulator/simulate.types.ts';
import { comparisonRows } from './comparison-rows.ts';
import { h, place } from './dom.ts';
import { column, section, someRows, table } from './parts.ts';
import { type Scene, shortName } from './state.ts';
import { factor, rate, routeNames, time, variantNames } from './text.ts';

/** The variants of a comparison side by side, transfer by transfer. */
export function comparisonSection(scene: Scene, id: string, record: RunRecord): HTMLElement {
  const rows = comparisonRows(record);
  const { shown, more } = someRows(scene, `${id}-more`, rows, 40, 'transfers');
  const fastest = Math.max(...rows.flatMap((row) => row.variants.map((transfer) => transfer?.bytesPerSecond ?? 0)));
  const head = [
    column('Transfer'),
    ...record.variants.map(({ variant }) => column(variantNames[variant])),
    column('Rate, ratio', 'number', 'The first variant against the second'),
    column('First byte, ratio', 'number', 'The first variant against the second'),
  ];
  const body = shown.map((row) => {
    const [first, second] = row.variants;
    return h(
      'tr',
      {},
      h('th', { scope: 'row' }, row.name),
      row.variants.map((transfer) => variantCell(scene, transfer, fastest)),
      h('td', { class: 'number strong' }, factor(second?.bytesPerSecond ?? 0, first?.bytesPerSecond ?? 0)),
      h('td', { class: 'number' }, factor(latency(second), latency(first))),
    );
  });
  const makespans = record.variants.map(
    ({ variant, result }) =>
      `${variantNames[variant].toLowerCase()} ${time(result.runs.reduce((longest, run) => Math.max(longest, run.makespanSeconds), 0))}`,
  );
  return section(id, 'Comparison', makespans.join(', '), table('Comparison', head, body), more);
}

/** From the start of a transfer to its first byte at the destination. */
const latency = (transfer: TransferResult | null | undefined): number =>
  transfer == null ? 0 : transfer.firstByteSeconds - transfer.startSeconds;

function variantCell(scene: Scene, transfer: TransferResult | null, fastest: number): HTMLElement {
  if (transfer === null) return h('td', { class: 'quiet' }, 'not run');
  const seconds = transfer.endSeconds - transfer.startSeconds;
  const width = fastest > 0 ? transfer.bytesPerSecond / fastest : 0;
  return h(
    'td',
    { class: 'variant' },
    h('span', { class: 'track', 'aria-hidden': 'true' }, place(h('span', { class: 'bar compared' }), 0, width)),
    h('span', { class: 'variant-figures' }, h('strong', {}, rate(transfer.bytesPerSecond)), ` ${time(seconds)}`),
    h(
      'span',
      { class: 'variant-route' },
      `${routeNames[transfer.route]}, limited by ${shortName(scene.state, transfer.bottleneck)}`,
    ),
  );
}
