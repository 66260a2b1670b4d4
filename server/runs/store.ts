import type { RunRecord } from '../protocol.ts';

/** The texts that a run was made from: the document and what it imports, by URI. */
export type Texts = ReadonlyMap<string, string>;

interface Kept {
  record: RunRecord;
  readonly texts: Texts;
}

/** The last run of each subject, by document. A run is stale while one of its texts is another. */
export class RunStore {
  readonly #byUri = new Map<string, Map<string, Kept>>();
  #nextId = 1;

  nextId(): number {
    return this.#nextId++;
  }

  put(record: RunRecord, texts: Texts): void {
    const kept = this.#byUri.get(record.uri) ?? new Map<string, Kept>();
    kept.set(keyOf(record.name), { record, texts });
    this.#byUri.set(record.uri, kept);
  }

  last(uri: string, name: string | null): RunRecord | null {
    return this.#byUri.get(uri)?.get(keyOf(name))?.record ?? null;
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
}

const keyOf = (name: string | null): string => (name === null ? '' : `=${name}`);
