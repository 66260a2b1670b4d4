import type { RunRecord } from '../../../server/protocol.ts';

/** A run as the view shows it. */
export interface ShownRun {
  readonly key: number;
  /** Name of the file, for people. */
  readonly file: string;
  readonly record: RunRecord;
}

/** A run that can be chosen. */
export interface RunChoice {
  readonly key: number;
  readonly label: string;
  readonly stale: boolean;
}

/** What the extension says to the view. The view keeps nothing that it could not be told again. */
export type ToView =
  | { readonly kind: 'show'; readonly run: ShownRun | null; readonly choices: readonly RunChoice[] }
  | { readonly kind: 'choices'; readonly choices: readonly RunChoice[] };

/** What the view asks for. Places in the text are named by what they belong to; the extension knows where that is. */
export type FromView =
  | { readonly kind: 'ready' }
  | { readonly kind: 'select'; readonly key: number }
  | { readonly kind: 'again'; readonly key: number }
  | { readonly kind: 'report'; readonly key: number }
  | { readonly kind: 'reveal'; readonly key: number; readonly name: string }
  | {
      readonly kind: 'revealExpectation';
      readonly key: number;
      readonly variant: number;
      readonly run: number;
      readonly expectation: number;
    };

/** Reads a message of the view; undefined for anything else. */
export function readFromView(value: unknown): FromView | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const message = value as Readonly<Record<string, unknown>>;
  const { kind, key, name } = message;
  if (kind === 'ready') return { kind };
  if (!isIndex(key)) return undefined;
  if (kind === 'select' || kind === 'again' || kind === 'report') return { kind, key };
  if (kind === 'reveal' && typeof name === 'string') return { kind, key, name };
  const { variant, run, expectation } = message;
  if (kind === 'revealExpectation' && isIndex(variant) && isIndex(run) && isIndex(expectation)) {
    return { kind, key, variant, run, expectation };
  }
  return undefined;
}

const isIndex = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
