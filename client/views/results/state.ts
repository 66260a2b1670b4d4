import type { ExportFormat } from '../../../server/protocol.ts';
import type { RunChoice, RunningRun, ShownRun } from './messages.ts';

/** What the view shows. */
export interface ViewState {
  readonly run: ShownRun | null;
  readonly choices: readonly RunChoice[];
  readonly running: readonly RunningRun[];
  /** Title of the run that was cancelled last; null: none. */
  readonly cancelled: string | null;
  /** Ids of rows and sections that are opened. */
  readonly open: ReadonlySet<string>;
}

/** What a person can do in the view. */
export interface Actions {
  readonly select: (key: number) => void;
  readonly again: () => void;
  readonly cancel: () => void;
  readonly report: () => void;
  readonly variant: () => void;
  /** Compares with another run; null: not any more. */
  readonly against: (key: number | null) => void;
  readonly export: (format: ExportFormat) => void;
  readonly reveal: (name: string) => void;
  readonly revealExpectation: (variant: number, run: number, expectation: number) => void;
  /** Opens or closes a row or a section. */
  readonly toggle: (id: string) => void;
}

export interface Scene {
  readonly state: ViewState;
  readonly actions: Actions;
  /** Id of what names the run that is drawn, where there are several; null: the page is about it. */
  readonly run: string | null;
}

/** What a thing is called in the view: the shortest name that means it and nothing else. */
export const shortName = ({ run }: ViewState, name: string): string =>
  (run?.record.shortNames?.[name] ?? name).replace(' -> ', ' → ').replace(' <-> ', ' ↔ ');

/** The choices as they are now decide what is stale: a run's own record is from when it was shown. */
export function isStale({ run, choices }: ViewState): boolean {
  if (run === null) return false;
  return choices.find((choice) => choice.key === run.key)?.stale ?? run.record.stale;
}
