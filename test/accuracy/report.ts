import { beyond } from './beyond.ts';
import type { Blind } from './blind.ts';
import type { CrossCheck } from './cross-check.ts';
import type { Judged } from './predict.ts';
import type { Row } from './row.ts';
import { type Compared, compare, families, median, type Summary } from './statistics.ts';

const percent = (value: number, digits = 1) => (Number.isFinite(value) ? `${(value * 100).toFixed(digits)} %` : '-');
const signed = (value: number) => `${value > 0 ? '+' : ''}${(value * 100).toFixed(1)} %`;

/** A figure in the unit of its row. */
function inUnit(value: number, { unit }: Row, measured: number, { value: text }: Row): string {
  const factor = measured / (Number(text) || measured);
  const number = value / factor;
  return `${Number(number.toPrecision(4))} ${unit}`;
}

/** A few words of our own for what a row measures. */
function shortly(row: Row): string {
  const text = `${row.scenario} ${row.metric} ${row.conditions}`;
  const size = row.payload === '' ? '' : ` ${row.payload}${/^\d+$/.test(row.payload) ? ' B' : ''}`;
  const link = row.gen === '' ? '' : `, Gen${row.gen}${row.lanes === '' ? '' : ` x${row.lanes.replace(/\D+.*$/, '')}`}`;
  const window = /(?:window )?(\d+[KM]B)(?: cold| warm)?/i.exec(row.metric)?.[1];
  const where = `${/remote/i.test(text) ? ', other socket' : ''}${/intel_iommu=on|iommu on/i.test(text) ? ', IOMMU' : ''}`;
  return `${kindOf(row, text)}${size}${link}${window === undefined ? '' : `, window ${window}`}${where}`;
}

const kinds: readonly (readonly [RegExp, string])[] = [
  [/write-then-read|WRRD/i, 'write and read back'],
  [/BW_DMA_RW/, 'DMA both ways'],
  [/BW_DMA_WR|DMA wr/, 'DMA writes'],
  [/BW_DMA_RD|DMA rd/, 'DMA reads'],
  [/LAT_|read latency/i, 'DMA read latency'],
  [/contention/i, 'several GPU copies'],
  [/uplink degraded/i, 'GPU to GPU, slow uplink'],
  [/NVMe|gdsio/i, 'drives and GPU'],
  [/P2P.*latency/i, 'GPU to GPU latency'],
  [/P2P/, 'GPU to GPU'],
  [/BAR/, 'CPU access to a BAR'],
  [/MMIO/, 'register read'],
  [/overhead|submit/i, 'cost of a call'],
  [/XDMA/, 'FPGA copy'],
  [/NCCL/, 'constant of a planner'],
  [/H2D|host->GPU/, 'host to GPU'],
  [/D2H/, 'GPU to host'],
  [/QD1|IOPS|spec/, 'drive'],
  [/cut-through/, 'switch'],
  [/memory BW|cross-socket|memcpy/i, 'memory'],
];
const kindOf = ({ scenario }: Row, text: string) =>
  kinds.find(([pattern]) => pattern.test(scenario))?.[1] ??
  kinds.find(([pattern]) => pattern.test(text))?.[1] ??
  'other';

function sourceLink({ source }: Row): string {
  const url = /https?:\/\/\S+/.exec(source)?.[0]?.replace('...', '');
  if (url !== undefined) return `<${url}>`;
  const file = /^([\w.-]+\/[\w.-]+)@(\w+):(\S+)$/.exec(source.split(',')[0] ?? '');
  if (file !== null) return `<https://github.com/${file[1]}/blob/${file[2]}/${file[3]}>`;
  return source.replaceAll('|', '/');
}

const table = (header: readonly string[], rows: readonly (readonly string[])[]) => [
  `| ${header.join(' | ')} |`,
  `|${header.map(() => '---').join('|')}|`,
  ...rows.map((row) => `| ${row.join(' | ')} |`),
];

const mechanisms = [
  '## What the predictions rest on',
  '',
  '- Links: headers of each TLP, DLLPs as a share of the raw rate (`model/link/`).',
  '- Payloads: NVIDIA GPUs up to Gen4 write 128 B and read 256 B at a time (`model/route/engine.ts`); hosts answer short',
  '  reads line by line for the most part (`model/host/completions.ts`); Xeons hand peer writes on in 64 B, from their 4th',
  '  generation on those of GPUs as they came; behind a PEX890xx packets between peers carry 128 B.',
  '- Reads in flight over the round trip, operations a second of the engine, and the link follow each other with little',
  '  room between them (`model/host/series.ts`): together they do less than the slowest alone.',
  '- IOMMU: 64 entries, and walks that are served a few at a time; requests for one page share a walk',
  '  (`model/host/translation.ts`).',
  '- Sockets: round trips and interconnects by CPU (`model/host/profiles.ts`); between root ports of two sockets so many',
  '  bytes on their way, so that a longer way carries less.',
  '- Copies between GPUs that are staged in host memory: piece after piece, with two calls for each (`simulator/demands.ts`).',
  '- Switches: ports that send to several busy ones lose by packets that wait (`simulator/blocking.ts`).',
  '',
];

const line = (one: Summary) => [
  one.name,
  String(one.rows),
  percent(one.median),
  percent(one.within, 0),
  String(one.free),
  percent(one.freeMedian),
  percent(one.freeWithin, 0),
  String(one.unknown),
];

const pointRow = (one: Compared) => {
  const { row } = one.judged;
  return [
    row.id,
    shortly(row),
    inUnit(one.measured, row, one.measured, row),
    inUnit(one.predicted, row, one.measured, row),
    signed(one.error),
    one.profile,
    sourceLink(row),
  ];
};

/** Median and share within 15 % of errors, in words. */
function inShort(errors: readonly number[]): string {
  const sizes = errors.map(Math.abs);
  const within = sizes.filter((size) => size <= 0.15).length / sizes.length;
  return `median ${percent(median(sizes))}, ${percent(within, 0)} of ${sizes.length} within 15 %`;
}

/** Rows that were predicted before the model was changed by them. */
function blindPart(rows: readonly Blind[]): string[] {
  const known = rows.flatMap(({ judged, first, gave }) => {
    const { row, measured, prediction } = judged;
    if (measured === null || !('predicted' in prediction)) return [];
    const { predicted } = prediction;
    return [{ row, measured, first: first / measured - 1, now: predicted / measured - 1, predicted, gave }];
  });
  if (known.length === 0) return [];
  return [
    '## Found afterwards',
    '',
    'Measurements of further systems that were looked for when the model stood, and predicted before anything was changed',
    '(`test/accuracy/blind.csv`). What was wrong then was sought in structure; rows that gave a constant are marked. Some first',
    'errors were of the mapping of rows to texts: lanes that it passed over, the host of another row.',
    '',
    `- At first: ${inShort(known.map(({ first }) => first))}.`,
    `- Now: ${inShort(known.map(({ now }) => now))}.`,
    `- Now, without those that gave a constant: ${inShort(known.filter(({ gave }) => gave === '').map(({ now }) => now))}.`,
    '',
    ...table(
      ['Row', 'What', 'Where', 'Measured', 'At first', 'Predicted', 'Error', 'Gave', 'Source'],
      known.map(({ row, measured, first, now, predicted, gave }) => [
        row.id,
        shortly(row),
        row.conditions,
        inUnit(measured, row, measured, row),
        signed(first),
        inUnit(predicted, row, measured, row),
        signed(now),
        gave,
        sourceLink(row),
      ]),
    ),
    '',
  ];
}

/** The whole page, in Markdown; `incidents` are the lines of the section on them. */
export function report(
  all: readonly Judged[],
  cross: readonly CrossCheck[],
  blind: readonly Blind[] = [],
  incidents: readonly string[] = [],
): string {
  const compared = compare(all);
  const { each, whole, overFamilies, overFamiliesFree } = families(all);
  const free = compared.filter(({ gave }) => gave === null);
  const given = compared.filter(({ gave }) => gave !== null);
  const unknown = all.filter(({ prediction }) => 'unknown' in prediction);
  const misses = [...compared].filter(({ error }) => Math.abs(error) > 0.15);
  misses.sort((a, b) => Math.abs(b.error) - Math.abs(a.error));
  const points = ['Row', 'What', 'Measured', 'Predicted', 'Error', 'Profile', 'Source'];
  return `${[
    '# Accuracy',
    '',
    'Predictions against published measurements. `npm run accuracy` writes this page; do not edit it. Each row is turned',
    'into a `.pcie` text by what it says of its machine (CPU, devices, link, sizes, IOMMU, socket), never by which row it is.',
    'An error is (predicted - measured) / measured. A family is what was measured by one source on one kind of host.',
    '',
    `- ${all.length} rows, ${compared.length} predicted, ${unknown.length} that the model cannot know.`,
    `- Median error ${percent(whole.median)}; ${percent(whole.within, 0)} within 15 %. Median of the families' medians ${percent(overFamilies)}.`,
    `- Without the ${given.length} rows that gave a constant: median ${percent(whole.freeMedian)}, ${percent(whole.freeWithin, 0)} of ${free.length} within 15 %, median over families ${percent(overFamiliesFree)}.`,
    '',
    'The structure of the model was chosen with these rows at hand, so that errors on rows of other machines will be larger:',
    'the cross-check below says by how much for hosts.',
    '',
    ...mechanisms,
    '## Families',
    '',
    ...table(
      ['Family', 'Rows', 'Median', 'Within 15 %', 'Not fitted', 'Their median', 'Within 15 %', 'Unknown'],
      [...each.map(line), line({ ...whole, name: '**all**' })],
    ),
    '',
    '## Misses',
    '',
    'Beyond 15 %, the worst first.',
    '',
    ...table(
      ['Row', 'What', 'Measured', 'Predicted', 'Error', 'Why'],
      misses.map((one) => [...pointRow(one).slice(0, 5), whyOf(one)]),
    ),
    '',
    '## Cross-check',
    '',
    'Constants of the host and of the device fitted anew without one host (all its sockets and IOMMU modes), then tried on',
    'that host.',
    '',
    ...table(
      ['Left out', 'Fitted to the others', 'Rows', 'Median', 'Within 15 %'],
      cross.map((one) => [one.host, one.constants, String(one.rows), percent(one.median), percent(one.within, 0)]),
    ),
    '',
    ...blindPart(blind),
    ...beyond,
    ...incidents,
    '## Rows that gave no constant',
    '',
    ...table(points, free.map(pointRow)),
    '',
    '## Rows that gave a constant',
    '',
    ...table(
      ['Constant', ...points],
      given.map((one) => [one.gave ?? '', ...pointRow(one)]),
    ),
    '',
    '## Rows that the model cannot know',
    '',
    ...table(
      ['Row', 'What', 'Reason', 'Source'],
      unknown.map(({ row, prediction }) => [
        row.id,
        shortly(row),
        'unknown' in prediction ? prediction.unknown : '',
        sourceLink(row),
      ]),
    ),
  ].join('\n')}\n`;
}

/** What is behind a miss, where something is known. */
function whyOf({ judged: { row } }: Compared): string {
  const text = `${row.scenario} ${row.metric} ${row.conditions}`;
  for (const [pattern, why] of reasons) if (pattern.test(text)) return why;
  return 'not explained';
}

const reasons: readonly (readonly [RegExp, string])[] = [
  [/collapse\)/, 'a defect of one switch chip, which the model does not assume'],
  [
    /all-to-all|from one GPU|all from GPU/i,
    'packets that wait for a busy port hold up those behind them; the model shares rates without that',
  ],
  [/uplinks|cross chip/i, 'one way and both ways of this host contradict each other; one capacity cannot give both'],
  [/window 4KB/, 'a window of one page is partly cached although it was flushed'],
  [/GPU-GPU P2P reference/, 'copies of GPUs that this Xeon does not cut into 64 B, as it does those of drives'],
  [/remote socket/i, 'hosts of one generation differ by a factor of two over QPI'],
  [/BAR/, 'the host of this measurement keeps fewer loads in flight than another of its time'],
  [/XDMA/, 'the engine of the shell is not described by anything published'],
  [/\bQD1\b/, 'measured through the stack of another operating system than Linux'],
  [/SPDK/, 'the data sheet states operations of 4 KiB only'],
];
