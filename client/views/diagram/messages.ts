import type { PathJson } from '../../../server/contract.types.ts';
import type { Diagram, DiagramAction, DiagramUpdate } from '../../../server/diagram/diagram.types.ts';

/** How another machine differs: subjects are qualified names. */
export interface Differences {
  readonly other: string;
  readonly changes: readonly { readonly subject: string; readonly words: string }[];
}

/** What the extension says to the view. */
export type ToView =
  | { readonly kind: 'diagram'; readonly file: string; readonly step: number; readonly diagram: Diagram }
  /** What is otherwise in the diagram since the step before; where that one is missing, the view asks again. */
  | { readonly kind: 'update'; readonly step: number; readonly update: DiagramUpdate }
  /** There is nothing to draw now; what is shown stays, marked as what it is. */
  | { readonly kind: 'gone'; readonly message: string }
  /** The cursor stands in what these components come from; empty: in none. */
  | { readonly kind: 'select'; readonly names: readonly string[] }
  | { readonly kind: 'path'; readonly path: PathJson }
  /** How another machine differs from this one; null: nothing is compared. */
  | { readonly kind: 'differences'; readonly differences: Differences | null }
  /** A question or a change was refused, with the reason; or something was done. */
  | { readonly kind: 'message'; readonly text: string; readonly failed: boolean };

/** What the view asks for. Things are named by their qualified names. */
export type FromView =
  | { readonly kind: 'ready' }
  | { readonly kind: 'machine'; readonly name: string }
  | { readonly kind: 'reveal'; readonly name: string; readonly focus: boolean }
  /** A place in the document of the diagram; positions count from 0. */
  | { readonly kind: 'place'; readonly line: number; readonly character: number }
  | { readonly kind: 'path'; readonly from: string; readonly to: string }
  | { readonly kind: 'change'; readonly action: DiagramAction }
  | { readonly kind: 'simulate' }
  /** A picture to keep: SVG as text, PNG in base 64. */
  | { readonly kind: 'save'; readonly format: 'svg' | 'png'; readonly content: string };

/** What the view keeps over a reload of the window: enough to ask for the same picture again. */
export interface KeptState {
  readonly uri?: string;
  readonly machine?: string;
  readonly collapsed?: readonly string[];
  readonly overlays?: readonly string[];
}

/** Reads what a view kept; anything else is as if nothing was kept. */
export function readKept(value: unknown): KeptState {
  if (typeof value !== 'object' || value === null) return {};
  const { uri, machine, collapsed, overlays } = value as Readonly<Record<string, unknown>>;
  return {
    ...(typeof uri === 'string' ? { uri } : {}),
    ...(typeof machine === 'string' ? { machine } : {}),
    ...(areTexts(collapsed) ? { collapsed } : {}),
    ...(areTexts(overlays) ? { overlays } : {}),
  };
}

/** Reads a message of the view; undefined for anything else. */
export function readFromView(value: unknown): FromView | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const message = value as Readonly<Record<string, unknown>>;
  const { kind, name, focus, from, to, action, format, content, line, character } = message;
  if (kind === 'ready' || kind === 'simulate') return { kind };
  if (kind === 'machine' && typeof name === 'string') return { kind, name };
  if (kind === 'reveal' && typeof name === 'string') return { kind, name, focus: focus === true };
  if (kind === 'place' && isCount(line) && isCount(character)) return { kind, line, character };
  if (kind === 'path' && typeof from === 'string' && typeof to === 'string') return { kind, from, to };
  if (kind === 'save' && (format === 'svg' || format === 'png') && typeof content === 'string') {
    return { kind, format, content };
  }
  const read = kind === 'change' ? readAction(action) : undefined;
  return read === undefined ? undefined : { kind: 'change', action: read };
}

function readAction(value: unknown): DiagramAction | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { kind, device, port, lanes, generation, on } = value as Readonly<Record<string, unknown>>;
  if (typeof port !== 'string') return undefined;
  if (kind === 'move' && typeof device === 'string') return { kind, device, port };
  if (kind === 'acs' && typeof on === 'boolean') return { kind, port, on };
  if (kind === 'link' && typeof lanes === 'number' && (generation === null || typeof generation === 'number')) {
    return { kind, port, lanes, generation };
  }
  return undefined;
}

const isCount = (value: unknown): value is number => Number.isInteger(value) && Number(value) >= 0;

const areTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');
