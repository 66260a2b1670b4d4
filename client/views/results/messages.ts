import type { ExportFormat, RunComparison, RunRecord } from '../../../server/protocol.ts';

/** A run as the view shows it. */
export interface ShownRun {
  readonly key: number;
  /** Name of the file, for people. */
  readonly file: string;
  readonly record: RunRecord;
  /** An earlier run that it is compared with; null for none. */
  readonly against: { readonly key: number; readonly comparison: RunComparison } | null;
}

/** A run that can be chosen. */
export interface RunChoice {
  readonly key: number;
  readonly label: string;
  readonly stale: boolean;
}

/** A run that is under way. */
export interface RunningRun {
  readonly title: string;
  /** Fraction done, 0 to 1; null: unknown. */
  readonly fraction: number | null;
}

/** What the extension says to the view. The view keeps nothing that it could not be told again. */
export type ToView =
  | { readonly kind: 'show'; readonly run: ShownRun | null; readonly choices: readonly RunChoice[] }
  | { readonly kind: 'choices'; readonly choices: readonly RunChoice[] }
  /** `cancelled`: title of the run that was ended before it was done; null: none, or another has begun. */
  | { readonly kind: 'running'; readonly runs: readonly RunningRun[]; readonly cancelled: string | null };

/** What the view asks for. Places in the text are named by what they belong to; the extension knows where that is. */
export type FromView =
  | { readonly kind: 'ready' }
  /** Ends what is under way. */
  | { readonly kind: 'cancel' }
  | { readonly kind: 'select'; readonly key: number }
  | { readonly kind: 'again'; readonly key: number }
  | { readonly kind: 'report'; readonly key: number }
  /** Lets the person choose a variant of the run, and compares with it. */
  | { readonly kind: 'variant'; readonly key: number }
  /** Compares with another run; null: not any more. */
  | { readonly kind: 'against'; readonly key: number; readonly other: number | null }
  | { readonly kind: 'export'; readonly key: number; readonly format: ExportFormat }
  | { readonly kind: 'reveal'; readonly key: number; readonly name: string }
  | {
      readonly kind: 'revealExpectation';
      readonly key: number;
      readonly variant: number;
      readonly run: number;
      readonly expectation: number;
    };

const formats: readonly unknown[] = ['json', 'csv', 'perfetto'] satisfies readonly ExportFormat[];

/** Reads a message of the view; undefined for anything else. */
export function readFromView(value: unknown): FromView | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const message = value as Readonly<Record<string, unknown>>;
  const { kind, key, name, other, format } = message;
  if (kind === 'ready' || kind === 'cancel') return { kind };
  if (!isIndex(key)) return undefined;
  if (kind === 'select' || kind === 'again' || kind === 'report' || kind === 'variant') return { kind, key };
  if (kind === 'against' && (other === null || isIndex(other))) return { kind, key, other };
  if (kind === 'export' && formats.includes(format)) return { kind, key, format: format as ExportFormat };
  if (kind === 'reveal' && typeof name === 'string') return { kind, key, name };
  const { variant, run, expectation } = message;
  if (kind === 'revealExpectation' && isIndex(variant) && isIndex(run) && isIndex(expectation)) {
    return { kind, key, variant, run, expectation };
  }
  return undefined;
}

const isIndex = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
