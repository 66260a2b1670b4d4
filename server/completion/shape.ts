import type { IToken } from 'chevrotain';
import type { Dimension } from '../../model/quantity.ts';

/**
 * The shapes of the schema (`<size> [at <rate>]`, `off | none | (SV | TB) …`) as small automata: which values may come
 * next after those that are written already.
 */
export type Terminal =
  | { readonly kind: 'word'; readonly word: string }
  | { readonly kind: 'quantity'; readonly dimension: Dimension }
  | { readonly kind: 'range'; readonly dimension: Dimension | null }
  | { readonly kind: 'number' }
  | { readonly kind: 'generation' }
  | { readonly kind: 'lanes' }
  | { readonly kind: 'hex' }
  | { readonly kind: 'id' }
  | { readonly kind: 'text' }
  | { readonly kind: 'name' }
  | { readonly kind: 'reference' };

/** One value as written: its tokens, and whether it is a range. */
export interface WrittenValue {
  readonly tokens: readonly IToken[];
}

interface State {
  readonly edges: { readonly terminal: Terminal; readonly to: State }[];
  readonly jumps: State[];
}

export interface Shape {
  readonly start: State;
}

const pieces = /<[^>]+>(?:(?:\.\.|:)<[^>]+>)?|gen<n>|x<n>|"[^"]*"|\{ … \}|…|[()[\]|]|[^\s()[\]|…]+/g;

const dimensions: Readonly<Record<string, Dimension>> = {
  '<size>': 'bytes',
  '<rate>': 'bytesPerSecond',
  '<time>': 'seconds',
  '<frequency>': 'hertz',
  '<operations per second>': 'iops',
  '<share>': 'fraction',
  '<transfer rate>': 'transfersPerSecond',
};

const newState = (): State => ({ edges: [], jumps: [] });
const shapes = new Map<string, Shape>();

/** The automaton of a shape, made once. */
export function shapeOf(text: string): Shape {
  const known = shapes.get(text);
  if (known !== undefined) return known;
  const start = newState();
  new ShapeReader(text.match(pieces) ?? []).alternatives(start);
  const shape = { start };
  shapes.set(text, shape);
  return shape;
}

class ShapeReader {
  readonly #pieces: readonly string[];
  #at = 0;
  #word = '';

  constructor(list: readonly string[]) {
    this.#pieces = list;
  }

  alternatives(from: State): State {
    const end = newState();
    do this.#sequence(from).jumps.push(end);
    while (this.#take('|'));
    return end;
  }

  #sequence(from: State): State {
    let at = from;
    for (
      let piece = this.#pieces[this.#at];
      piece !== undefined && !['|', ']', ')'].includes(piece);
      piece = this.#pieces[this.#at]
    ) {
      const before = newState();
      at.jumps.push(before);
      at = this.#item(before, piece);
      if (this.#take('…')) at.jumps.push(before);
    }
    return at;
  }

  #item(from: State, piece: string): State {
    this.#at++;
    if (piece === '[' || piece === '(') {
      const end = this.alternatives(from);
      this.#at++;
      if (piece === '[') from.jumps.push(end);
      return end;
    }
    if (piece === '{ … }') return from;
    const to = newState();
    from.edges.push({ terminal: this.#terminal(piece), to });
    this.#word = piece;
    return to;
  }

  #take(piece: string): boolean {
    if (this.#pieces[this.#at] !== piece) return false;
    this.#at++;
    return true;
  }

  #terminal(piece: string): Terminal {
    const dimension = dimensions[piece];
    if (dimension !== undefined) return { kind: 'quantity', dimension };
    const low = /^(<[^>]+>)\.\./.exec(piece)?.[1];
    if (low !== undefined) return { kind: 'range', dimension: dimensions[low] ?? null };
    if (piece === 'gen<n>') return { kind: 'generation' };
    if (piece === 'x<n>') return { kind: 'lanes' };
    if (piece.startsWith('"')) return { kind: 'text' };
    if (piece.includes('>:<')) return { kind: 'id' };
    if (piece === '<number>' || piece === '<n>' || /^<\d+-\d+>$/.test(piece)) return { kind: 'number' };
    if (piece === '<hex>' || piece === '<address>') return { kind: 'hex' };
    if (piece === '<port>' || (piece === '<device>' && /^(to|from|for)$/.test(this.#word)))
      return { kind: 'reference' };
    if (piece === '<device>') return { kind: 'hex' };
    if (piece.startsWith('<')) return { kind: 'name' };
    return { kind: 'word', word: piece };
  }
}

/** All states that are reached without a value. */
function closure(states: Iterable<State>): Set<State> {
  const all = new Set<State>(states);
  for (const state of all) for (const jump of state.jumps) all.add(jump);
  return all;
}

/** What may come after these values; empty where they do not fit the shape or nothing may follow. */
export function expectedAfter(shape: Shape, values: readonly WrittenValue[]): Terminal[] {
  let states = closure([shape.start]);
  for (const value of values) {
    const next: State[] = [];
    for (const state of states) for (const edge of state.edges) if (fits(edge.terminal, value)) next.push(edge.to);
    states = closure(next);
  }
  return [...states].flatMap((state) => state.edges.map((edge) => edge.terminal));
}

/** Whether these values are all that the shape needs. */
export function isComplete(shape: Shape, values: readonly WrittenValue[]): boolean {
  let states = closure([shape.start]);
  for (const value of values) {
    const next: State[] = [];
    for (const state of states) for (const edge of state.edges) if (fits(edge.terminal, value)) next.push(edge.to);
    states = closure(next);
  }
  return [...states].some((state) => state.edges.length === 0 && state.jumps.length === 0);
}

function fits(terminal: Terminal, value: WrittenValue): boolean {
  const [first] = value.tokens;
  if (first === undefined) return false;
  const type = first.tokenType.name;
  if (type === 'PARAM') return true;
  const isRange = value.tokens.some((token) => token.image === '..');
  const isNumber = type === 'NUMBER' || type === 'HEX';
  switch (terminal.kind) {
    case 'word':
      return value.tokens.map((token) => token.image).join('') === terminal.word;
    case 'quantity':
      return type === 'NUMBER' && !isRange;
    case 'range':
      return isNumber && isRange;
    case 'number':
      return (isNumber || /^[0-9]/.test(first.image)) && !isRange;
    case 'generation':
      return type === 'GEN';
    case 'lanes':
      return type === 'LANES';
    case 'hex':
      return type === 'HEX' || type === 'NUMBER';
    case 'id':
      return type === 'IDPAIR';
    case 'text':
      return type === 'STRING';
    case 'name':
    case 'reference':
      return type !== 'GEN' && type !== 'LANES';
    default:
      return false;
  }
}

/** The tokens after the key of a property, as values: `4 KiB`, `256 MiB..32 GiB`, `64-bit`, `"text"`. */
export function readValues(tokens: readonly IToken[]): WrittenValue[] {
  const values: WrittenValue[] = [];
  let open: IToken[] = [];
  const finish = () => {
    if (open.length > 0) values.push({ tokens: open });
    open = [];
  };
  for (const token of tokens) {
    const previous = open.at(-1);
    const isUnit = token.tokenType.name === 'UNIT' && previous?.tokenType.name === 'NUMBER';
    const joins = token.image === '..' || previous?.image === '..' || isUnit;
    if (!joins) finish();
    open.push(token);
  }
  finish();
  return values;
}
