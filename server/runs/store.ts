import type { RunRecord } from '../protocol.ts';
import type { TraceJob } from './messages.ts';

/** The texts that a run was made from: the document and what it imports, by URI. */
export type Texts = ReadonlyMap<string, string>;

interface Kept {
  record: RunRecord;
  readonly texts: Texts;
  /** What ran, in the order of the variants: enough to run it once more. */
  readonly jobs: readonly TraceJob[];
}

/** Earlier runs that are kept for comparisons, the last ones of subjects apart. */
const mostEarlier = 30;

/** The last run of each subject, by document, and some earlier ones. A run is stale while one of its texts is another. */
export class RunStore {
  readonly #byUri = new Map<string, Map<string, Kept>>();
  /** By id, the oldest first. */
  readonly #earlier = new Map<number, Kept>();
  #nextId = 1;

  nextId(): number {
    return this.#nextId++;
  }

  put(record: RunRecord, texts: Texts, jobs: readonly TraceJob[]): void {
    const kept = this.#byUri.get(record.uri) ?? new Map<string, Kept>();
    const key = keyOf(record.name);
    const before = kept.get(key);
    if (before !== undefined) this.#keepEarlier(before);
    kept.set(key, { record, texts, jobs });
    this.#byUri.set(record.uri, kept);
  }

  last(uri: string, name: string | null): RunRecord | null {
    return this.#byUri.get(uri)?.get(keyOf(name))?.record ?? null;
  }

  /** A run by its id, with what ran; undefined for one that is not kept any more. */
  find(id: number): Pick<Kept, 'record' | 'jobs'> | undefined {
    for (const runs of this.#byUri.values()) {
      for (const kept of runs.values()) if (kept.record.id === id) return kept;
    }
    return this.#earlier.get(id);
  }

  /** Newest first. */
  all(uri: string): RunRecord[] {
    return [...(this.#byUri.get(uri)?.values() ?? [])].map((kept) => kept.record).sort((a, b) => b.id - a.id);
  }

  /** Documents that have runs. */
  uris(): string[] {
    return [...this.#byUri.keys()];
  }

  forget(uri: string): void {
    this.#byUri.delete(uri);
    for (const [id, { record }] of this.#earlier) if (record.uri === uri) this.#earlier.delete(id);
  }

  /** Compares with the texts as they are now; returns the runs whose staleness changed. */
  refresh(uri: string, textNow: (uri: string) => string | undefined): RunRecord[] {
    const changed: RunRecord[] = [];
    for (const kept of this.#byUri.get(uri)?.values() ?? []) {
      const stale = [...kept.texts].some(([from, text]) => textNow(from) !== text);
      if (stale === kept.record.stale) continue;
      kept.record = { ...kept.record, stale };
      changed.push(kept.record);
    }
    return changed;
  }

  #keepEarlier(kept: Kept): void {
    this.#earlier.set(kept.record.id, kept);
    for (const oldest of this.#earlier.keys()) {
      if (this.#earlier.size <= mostEarlier) break;
      this.#earlier.delete(oldest);
    }
  }
}

const keyOf = (name: string | null): string => (name === null ? '' : `=${name}`);
