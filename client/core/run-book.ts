import type { RunRecord } from '../../server/protocol.ts';
import { Emitter } from './emitter.ts';

/** A run as the client keeps it: server ids start anew when the server does, keys do not. */
export interface KeptRun {
  readonly key: number;
  readonly record: RunRecord;
}

/** `added`: a new run is there. `restored`: one from before is there again. `changed`: staleness of runs that are known. `removed`: runs that were dropped. */
export type RunChange =
  | { readonly kind: 'added'; readonly run: KeptRun; readonly asked: boolean }
  | { readonly kind: 'restored'; readonly run: KeptRun }
  | { readonly kind: 'changed'; readonly runs: readonly KeptRun[] }
  | { readonly kind: 'removed'; readonly keys: readonly number[] };

/** A run that is under way. */
export interface RunningRun {
  readonly title: string;
  /** Fraction done, 0 to 1; null: unknown. */
  readonly fraction: number | null;
}

/** Says how far a run is, and that it is over. */
export interface RunReporter {
  progress(fraction: number | undefined): void;
  end(how: 'done' | 'cancelled'): void;
}

export interface Subject {
  readonly uri: string;
  readonly name: string | null;
}

const same = (run: KeptRun, subject: Subject): boolean =>
  run.record.uri === subject.uri && run.record.name === subject.name;

/** The runs of this session, oldest first. All features that show results read them here. */
export class RunBook {
  readonly #limit: number;
  readonly #changed = new Emitter<RunChange>();
  readonly #runningChanged = new Emitter<void>();
  readonly #running = new Map<number, RunningRun>();
  #cancelled: string | null = null;
  #runs: readonly KeptRun[] = [];
  #restored = 0;
  #nextKey = 1;

  /** @param limit how many runs are kept; the oldest go first */
  constructor(limit = 30) {
    this.#limit = limit;
  }

  readonly onDidChange = this.#changed.event;
  /** Runs began, went on or ended. */
  readonly onDidChangeRunning = this.#runningChanged.event;

  /** What is under way, oldest first. */
  get running(): readonly RunningRun[] {
    return [...this.#running.values()];
  }

  /** Title of the run that ended last, where it was cancelled and none has begun since; null otherwise. */
  get cancelled(): string | null {
    return this.#cancelled;
  }

  /** A run begins. */
  begin(title: string): RunReporter {
    const key = this.#nextKey++;
    this.#cancelled = null;
    const tell = (fraction: number | null): void => {
      this.#running.set(key, { title, fraction });
      this.#runningChanged.fire();
    };
    tell(null);
    return {
      progress: (fraction) => {
        if (fraction !== undefined && this.#running.has(key)) tell(fraction);
      },
      end: (how) => {
        if (!this.#running.delete(key)) return;
        this.#cancelled = how === 'cancelled' && this.#running.size === 0 ? title : null;
        this.#runningChanged.fire();
      },
    };
  }

  get all(): readonly KeptRun[] {
    return this.#runs;
  }

  get latest(): KeptRun | undefined {
    return this.#runs.at(-1);
  }

  find(key: number): KeptRun | undefined {
    return this.#runs.find((run) => run.key === key);
  }

  /** The last run of a subject. */
  last(subject: Subject): KeptRun | undefined {
    return this.#runs.findLast((run) => same(run, subject));
  }

  /** The last run of each subject of a document, oldest first. */
  lastOf(uri: string): readonly KeptRun[] {
    return this.#runs.filter((run) => run.record.uri === uri && this.last(run.record) === run);
  }

  /**
   * Keeps a run. One that is there already (the same answer by two ways) is not kept twice.
   *
   * @param how `unasked`: it is a by-product, as of a test, and nobody waits to look at it
   */
  add(record: RunRecord, how: 'asked' | 'unasked' = 'asked'): KeptRun {
    const { id, elapsedSeconds } = record;
    const known = this.#runs.find(
      (run) => same(run, record) && run.record.id === id && run.record.elapsedSeconds === elapsedSeconds,
    );
    if (known !== undefined) return known;
    const run = { key: this.#nextKey++, record };
    const kept = [...this.#runs, run];
    const dropped = kept.slice(0, Math.max(0, kept.length - this.#limit));
    this.#runs = kept.slice(dropped.length);
    this.#changed.fire({ kind: 'added', run, asked: how === 'asked' });
    if (dropped.length > 0) this.#changed.fire({ kind: 'removed', keys: dropped.map((old) => old.key) });
    return run;
  }

  /** Keeps a run from before this window was loaded, unless there is a newer one of its subject. Those are older than all. */
  restore(record: RunRecord): void {
    if (this.last(record) !== undefined) return;
    const run = { key: this.#nextKey++, record };
    this.#runs = this.#runs.toSpliced(this.#restored++, 0, run);
    this.#changed.fire({ kind: 'restored', run });
  }

  /** A run is known to a new server under another id, and may be sound again. */
  renew(key: number, record: RunRecord): void {
    const run = { key, record };
    this.#runs = this.#runs.map((other) => (other.key === key ? run : other));
    this.#changed.fire({ kind: 'changed', runs: [run] });
  }

  /**
   * Sets the staleness of the last run of each name, and of earlier ones: what was made of the same text is as sound as it
   * is, and a text that has changed is none of theirs either.
   */
  mark(uri: string, names: readonly { readonly name: string | null; readonly stale: boolean }[]): void {
    const changed: KeptRun[] = [];
    for (const { name, stale } of names) {
      const last = this.last({ uri, name });
      this.#runs = this.#runs.map((run) => {
        const isMeant = last !== undefined && same(run, { uri, name }) && run.record.stale !== stale;
        if (!isMeant || (!stale && run.record.fingerprint !== last.record.fingerprint)) return run;
        const marked = { key: run.key, record: { ...run.record, stale } };
        changed.push(marked);
        return marked;
      });
    }
    if (changed.length > 0) this.#changed.fire({ kind: 'changed', runs: changed });
  }

  /** All runs as stale: their server is gone, and nobody will say when the text changes. */
  markAll(): void {
    const changed = this.#runs.filter((run) => !run.record.stale);
    if (changed.length === 0) return;
    this.#runs = this.#runs.map((run) => ({ key: run.key, record: { ...run.record, stale: true } }));
    this.#changed.fire({
      kind: 'changed',
      runs: this.#runs.filter((run) => changed.some((old) => old.key === run.key)),
    });
  }
}
