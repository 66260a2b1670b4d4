import type { ComponentKind } from '../../model/machine.ts';

/** A statement of a component: one text for all copies of it, or a value for each. */
export interface PrintLine {
  /** The property whose values differ from copy to copy; null for a statement that is the same in all. */
  readonly key: string | null;
  readonly values: readonly string[];
}

/** A component as it will be printed: one, or an array of several that are alike. */
export interface PrintNode {
  readonly kind: ComponentKind;
  /** The name without its number. */
  readonly base: string;
  /** The numbers behind the base, one for each element; null for a name without a number. */
  readonly numbers: readonly number[] | null;
  /** There is one number for every copy that the ranges around it make. */
  readonly isDealt: boolean;
  readonly link: string;
  readonly part: string | null;
  readonly lines: readonly PrintLine[];
  /** How many components it stands for, in all copies of what is around. */
  readonly count: number;
  readonly children: readonly PrintNode[];
}

/** A single component: its name is cut into a base and a number. */
export function singleNode(
  label: string,
  {
    lines: texts,
    ...others
  }: Omit<PrintNode, 'base' | 'numbers' | 'isDealt' | 'lines' | 'count'> & {
    readonly lines: readonly string[];
  },
): PrintNode {
  const dealt = others.kind === 'root-port' || others.kind === 'port' ? ofPorts : ofAll;
  const rest = { ...others, lines: texts.map((text) => lineOf(text, dealt)), count: 1 };
  const found = /^(.*?[A-Za-z_-])(0|[1-9]\d{0,8})$/.exec(label);
  // What is left of `x4` or `gen3` without its number would still be read as a name.
  if (found?.[1] === undefined || found[2] === undefined) {
    return { base: label, numbers: null, isDealt: true, ...rest };
  }
  return { base: found[1], numbers: [Number(found[2])], isDealt: true, ...rest };
}

/**
 * What tells the elements of an array apart and nothing else: numbers, places, and the memory that a node was read to have.
 * A link that runs otherwise than its neighbours is to stand out.
 */
const ofAll = /^(segment|bus|bus-range|device-number|function-number|numa|memory) ([^\n{]+)$/;
/** Ports of one processor have IDs that run on. */
const ofPorts = /^(bus-range|device-number|function-number|numa|id) ([^\n{]+)$/;

function lineOf(text: string, dealt: RegExp): PrintLine {
  const found = dealt.exec(text);
  return found === null ? { key: null, values: [text] } : { key: found[1] ?? null, values: [found[2] ?? ''] };
}

/** The statement as it is written: values that differ are divided by commas, one for each copy. */
export const lineText = ({ key, values }: PrintLine): string =>
  key === null ? (values[0] ?? '') : `${key} ${values.join(', ')}`;

/** The statements of several copies as those of one, or null where they differ in more than values that can be dealt out. */
function mergeLines(copies: readonly PrintNode[]): readonly PrintLine[] | null {
  const [first] = copies;
  if (first === undefined) return null;
  const merged: PrintLine[] = [];
  for (const [at, line] of first.lines.entries()) {
    const same = copies.map((copy) => copy.lines[at]).filter((other) => other?.key === line.key);
    if (same.length < copies.length) return null;
    const isEqual = same.every((other) => String(other?.values) === String(line.values));
    if (!isEqual && line.key === null) return null;
    const values = copies.flatMap((copy, index) => spread(same[index]?.values ?? [], copy.count));
    merged.push(isEqual ? line : { key: line.key, values });
  }
  return merged;
}

/** A value for each of so many copies: fewer values repeat. */
function spread(values: readonly string[], count: number): string[] {
  return Array.from({ length: count }, (_, at) => values[at % values.length] ?? '');
}

/** Neighbours that differ in their numbers alone become one array, from the inside outwards. */
export function foldSiblings(nodes: readonly PrintNode[]): PrintNode[] {
  const folded: PrintNode[] = [];
  for (let at = 0; at < nodes.length; ) {
    const first = nodes[at];
    if (first === undefined) break;
    let best: PrintNode = first;
    let length = 1;
    while (at + length < nodes.length) {
      const next = foldRun(nodes.slice(at, at + length + 1));
      if (next === null) break;
      best = next;
      length++;
    }
    folded.push(best);
    at += length;
  }
  return folded;
}

/** One array of a run of neighbours in a block that holds many, or null where they are not alike. */
function foldRun(run: readonly PrintNode[]): PrintNode | null {
  const [first] = run;
  if (first === undefined || first.numbers?.length !== 1) return null;
  const start = first.numbers[0] ?? 0;
  const inOrder = run.every((node, at) => node.numbers?.length === 1 && node.numbers[0] === start + at);
  if (!inOrder || !run.every((node) => isAlike(first, node))) return null;
  const lines = mergeLines(run);
  const children = foldChildren(run);
  if (children === null || lines === null) return null;
  return { ...first, numbers: run.map((_, at) => start + at), lines, count: run.length, children };
}

function foldChildren(copies: readonly PrintNode[]): readonly PrintNode[] | null {
  const [first] = copies;
  if (first === undefined) return null;
  const isPort = first.kind === 'root-port' || first.kind === 'port';
  const children: PrintNode[] = [];
  for (let at = 0; at < first.children.length; at++) {
    const same = copies.map((copy) => copy.children[at]).filter((child) => child !== undefined);
    const merged = same.length === copies.length ? mergeCopies(same, isPort) : null;
    if (merged === null) return null;
    children.push(merged);
  }
  return children;
}

/**
 * The same child of several copies. In a block that holds many its names must repeat; below a port, which holds one device,
 * they may also run on from copy to copy: the range is then dealt out.
 */
function mergeCopies(copies: readonly PrintNode[], isBelowPort: boolean): PrintNode | null {
  const [first] = copies;
  if (first === undefined || !copies.every((copy) => isAlike(first, copy))) return null;
  const lines = mergeLines(copies);
  const children = foldChildren(copies);
  if (children === null || lines === null) return null;
  const count = copies.reduce((sum, copy) => sum + copy.count, 0);
  if (copies.every((copy) => String(copy.numbers) === String(first.numbers))) {
    return { ...first, lines, count, children, isDealt: false };
  }
  if (!isBelowPort || !copies.every((copy) => copy.isDealt && copy.numbers !== null)) return null;
  const numbers = copies.flatMap((copy) => copy.numbers ?? []);
  const start = numbers[0] ?? 0;
  return numbers.every((number, at) => number === start + at) ? { ...first, numbers, lines, count, children } : null;
}

function isAlike(a: PrintNode, b: PrintNode): boolean {
  return (
    a.kind === b.kind &&
    a.base === b.base &&
    a.link === b.link &&
    a.part === b.part &&
    a.numbers?.length === b.numbers?.length &&
    a.lines.length === b.lines.length &&
    a.children.length === b.children.length
  );
}
