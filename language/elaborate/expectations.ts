import { type AstNode, AstUtils } from 'langium';
import type { Dimension } from '../../model/quantity.ts';
import type { Comparison, Expectation, Measure } from '../../model/work.ts';
import { counterMetrics } from '../../simulator/counters.ts';
import type { Expectation as ExpectationNode, Measure as MeasureNode, Value } from '../generated/ast.ts';
import { ValueCursor } from '../schema/cursor.ts';
import { readQuantity } from '../schema/readers.ts';
import type { NameIndex } from './names.ts';
import { originOf, type Problem } from './problem.ts';
import { noBindings } from './values.ts';

/** What can be expected of a run, and in which dimension. `word`: compared with a word. */
export const metrics: Readonly<
  Record<string, { readonly dimension: Dimension | 'number' | 'word'; readonly doc: string }>
> = {
  bandwidth: { dimension: 'bytesPerSecond', doc: 'Bytes of the transfer over its time.' },
  'bus-bandwidth': {
    dimension: 'bytesPerSecond',
    doc: 'Bandwidth of a collective as nccl-tests counts it: what each link carries, whatever the number of ranks.',
  },
  latency: {
    dimension: 'seconds',
    doc: 'Time from the start to the end of the transfer; of a job, the mean of its operations.',
  },
  iops: { dimension: 'iops', doc: 'Operations of a job a second, as fio counts them.' },
  'latency-p50': { dimension: 'seconds', doc: 'Time that half of the operations of a job take at most.' },
  'latency-p99': { dimension: 'seconds', doc: 'Time that 99 % of the operations of a job take at most.' },
  'latency-p999': { dimension: 'seconds', doc: 'Time that 99.9 % of the operations of a job take at most.' },
  'cpu-time': { dimension: 'seconds', doc: 'Time of cores for an operation of a job.' },
  'write-amplification': {
    dimension: 'number',
    doc: 'Bytes that a drive writes to its flash for each byte that a job writes.',
  },
  'first-byte': { dimension: 'seconds', doc: 'Time from the start to the first byte.' },
  makespan: { dimension: 'seconds', doc: 'Time from the start of the run to the end of its last piece of work.' },
  time: { dimension: 'seconds', doc: 'Time of the transfer.' },
  utilisation: { dimension: 'fraction', doc: 'Share of the run in which a link or a memory was busy.' },
  bytes: { dimension: 'bytes', doc: 'Bytes that went through a link or a memory.' },
  path: { dimension: 'word', doc: 'What the data does: direct, host-bridge, host-memory or none.' },
  class: { dimension: 'word', doc: 'Distance class: PIX, PXB, PHB, NODE, SYS or NV<n>.' },
  mapping: { dimension: 'word', doc: 'What pci_p2pdma says of the pair.' },
  bottleneck: { dimension: 'word', doc: 'What limits the transfer.' },
  rxpci: { dimension: 'bytesPerSecond', doc: 'What `nvidia-smi dmon -s t` shows: bytes towards a GPU a second.' },
  txpci: { dimension: 'bytesPerSecond', doc: 'What `nvidia-smi dmon -s t` shows: bytes out of a GPU a second.' },
  sm: { dimension: 'fraction', doc: 'What `nvidia-smi dmon -s u` shows: share of the time in which kernels ran.' },
  'nvlink-rx': { dimension: 'bytesPerSecond', doc: 'DCGM_FI_PROF_NVLINK_RX_BYTES of a GPU.' },
  'nvlink-tx': { dimension: 'bytesPerSecond', doc: 'DCGM_FI_PROF_NVLINK_TX_BYTES of a GPU.' },
  PCIRdCur: { dimension: 'bytes', doc: 'What `pcm-pcie` shows of a socket: bytes of memory that devices read.' },
  ItoM: {
    dimension: 'bytes',
    doc: 'What `pcm-pcie` shows of a socket: bytes of memory that devices write as full lines.',
  },
  BadTLP: { dimension: 'number', doc: 'Correctable errors of AER: packets that arrived broken and were sent again.' },
  'data-units-read': { dimension: 'number', doc: 'Data Units Read in the log of a drive: thousands of 512 B.' },
  'data-units-written': { dimension: 'number', doc: 'Data Units Written in the log of a drive: thousands of 512 B.' },
  'media-units-written': { dimension: 'bytes', doc: 'Physical media units written in the OCP log of a drive.' },
};

/** Figures of links, memories and devices, not of work. */
const ofMachine: ReadonlySet<string> = new Set(['utilisation', ...Object.keys(counterMetrics)]);

/**
 * The expectation that a statement says, or undefined where it says none that can be checked.
 *
 * @param work names of work: a job called `memory` is meant by `iops of memory`
 */
export function readExpectation(
  node: ExpectationNode,
  names: NameIndex,
  problems: Problem[],
  work: ReadonlySet<string> = new Set(),
): Expectation | undefined {
  // What the parser had to guess is not judged.
  if (isBroken(node)) return undefined;
  const text = (node.$cstNode?.text ?? '').replace(/\s+/g, ' ');
  const origin = originOf(node);
  if (node.finding) {
    const at = node.subject === undefined ? null : qualified(node.subject.element?.$refText ?? '', names);
    return { kind: 'finding', code: node.code ?? '', at, negated: node.negated, text, origin };
  }
  if (node.left === undefined) return undefined;
  const left = readMeasure(node.left, names, work);
  const right = node.right === undefined ? null : readMeasure(node.right, names, work);
  for (const measure of [node.left, node.right]) {
    if (measure === undefined || measure.metric in metrics) continue;
    problems.push({
      code: 'language/unknown-metric',
      message: `There is no figure \`${measure.metric}\`: ${Object.keys(metrics).join(', ')}.`,
      node: measure,
      property: 'metric',
      fixes: [],
    });
    return undefined;
  }
  if (node.is !== undefined) {
    if (node.comparison === undefined || node.comparison === '==') {
      return { kind: 'is', left, value: wordIn(node.is, names), text, origin };
    }
    problems.push({
      code: 'language/bad-value',
      message: `A name is the same or another: write \`expect ${left.metric} == ${node.is}\`.`,
      node,
      property: 'comparison',
      fixes: [],
    });
    return undefined;
  }
  if (node.comparison === undefined || node.bound === undefined) return undefined;
  const dimension = metrics[left.metric]?.dimension ?? 'number';
  if (dimension === 'word') {
    const low = node.bound.low;
    const value = low?.$type === 'WordValue' ? low.word : undefined;
    if (value !== undefined && node.comparison === '==')
      return { kind: 'is', left, value: wordIn(value, names), text, origin };
    problems.push({
      code: 'language/bad-value',
      message: `\`${left.metric}\` is a word: write \`expect ${left.metric} direct\`, for example.`,
      node,
      property: 'bound',
      fixes: [],
    });
    return undefined;
  }
  const bound = readBound(node.bound, right === null ? dimension : 'number', node, 'bound', problems);
  const within =
    node.tolerance === undefined ? null : readBound(node.tolerance, 'fraction', node, 'tolerance', problems);
  if (bound === undefined || within === undefined) return undefined;
  return { kind: 'measure', left, right, comparison: node.comparison as Comparison, bound, within, text, origin };
}

/** Whether a statement, or the one that it stands in below the file, holds something that could not be read. */
function isBroken(node: ExpectationNode): boolean {
  const document = AstUtils.findRootNode(node).$document;
  const errors = document?.parseResult.parserErrors ?? [];
  if (errors.length === 0) return false;
  let outer: AstNode = node;
  while (outer.$container?.$container !== undefined) outer = outer.$container;
  const place = outer.$cstNode;
  if (place === undefined) return false;
  return errors.some(({ token }) => {
    const line = token.startLine;
    // At the end of the file there is no line: the last statement is the one that is not closed.
    if (line === undefined || !(line > 0)) return document?.textDocument.getText().slice(place.end).trim() === '';
    return place.range.start.line + 1 <= line && line <= place.range.end.line + 1;
  });
}

function readMeasure(node: MeasureNode, names: NameIndex, work: ReadonlySet<string>): Measure {
  const of = node.subject?.element?.$refText;
  if (of === undefined) return { metric: node.metric, of: null };
  return { metric: node.metric, of: work.has(of) && !ofMachine.has(node.metric) ? of : qualified(of, names) };
}

/** The qualified name where it is a component's; the name itself where it is a transfer's. */
function qualified(name: string, names: NameIndex): string {
  const found = names.lookup(name);
  const [first] = found;
  if (found.length !== 1 || first === undefined) return name;
  return first.memory ? `${names.qualified(first.id)}.memory` : names.qualified(first.id);
}

const wordIn = (word: string, names: NameIndex) => qualified(word, names);

function readBound(
  value: Value,
  dimension: Dimension | 'number',
  node: ExpectationNode,
  property: string,
  problems: Problem[],
): number | undefined {
  const low = value.high === undefined ? value.low : undefined;
  if (low === undefined) return undefined;
  const cursor = new ValueCursor([value], noBindings);
  let result: number | undefined;
  if (dimension === 'number' || dimension === 'fraction') {
    if (low.$type === 'Quantity' && low.unit === undefined) result = Number(low.number);
    else result = readQuantity(low, 'fraction', cursor);
  } else {
    result = readQuantity(low, dimension, cursor);
  }
  for (const problem of cursor.problems) {
    problems.push({ code: problem.code, message: problem.message, node, property, fixes: problem.fixes });
  }
  return result;
}
