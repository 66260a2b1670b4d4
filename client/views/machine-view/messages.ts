import type { PathJson } from '../../../server/contract.types.ts';

/** What the extension says to a view of one machine. `D` is what the view shows of it. */
export type ToView<D> =
  | {
      readonly kind: 'show';
      /** Name of the file, for people. */
      readonly file: string;
      readonly uri: string;
      readonly machine: string;
      /** All machines of the file. */
      readonly machines: readonly string[];
      readonly data: D;
    }
  /** There is nothing to show now; what is shown stays, marked as what it is. */
  | { readonly kind: 'gone'; readonly message: string }
  | { readonly kind: 'path'; readonly path: PathJson }
  /** A question was refused, with the reason; or something was done. */
  | { readonly kind: 'message'; readonly text: string; readonly failed: boolean };

/** What a view asks for. Things are named by their qualified names. */
export type FromView =
  | { readonly kind: 'ready' }
  | { readonly kind: 'machine'; readonly name: string }
  | { readonly kind: 'reveal'; readonly name: string }
  | { readonly kind: 'path'; readonly from: string; readonly to: string }
  /** Text for the clipboard; a webview by itself may not always write there. */
  | { readonly kind: 'copy'; readonly text: string };

/** What a view keeps over a reload of the window: enough to ask for the same again. */
export interface KeptState {
  readonly uri?: string;
  readonly machine?: string;
}

/** Reads what a view kept; anything else is as if nothing was kept. */
export function readKept(value: unknown): KeptState {
  if (typeof value !== 'object' || value === null) return {};
  const { uri, machine } = value as Readonly<Record<string, unknown>>;
  return {
    ...(typeof uri === 'string' ? { uri } : {}),
    ...(typeof machine === 'string' ? { machine } : {}),
  };
}

/** Reads a message of a view; undefined for anything else. */
export function readFromView(value: unknown): FromView | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { kind, name, from, to, text } = value as Readonly<Record<string, unknown>>;
  if (kind === 'ready') return { kind };
  if ((kind === 'machine' || kind === 'reveal') && typeof name === 'string') return { kind, name };
  if (kind === 'path' && typeof from === 'string' && typeof to === 'string') return { kind, from, to };
  if (kind === 'copy' && typeof text === 'string') return { kind, text };
  return undefined;
}
