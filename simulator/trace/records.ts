/** A step of a run for a trace viewer: a bar on a track. */
export interface TraceRecord {
  /** Slash-separated, outermost first: `ssd0/queue 3`. */
  readonly track: string;
  readonly name: string;
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** Steps of one request share it, so a viewer can draw arrows between them. */
  readonly flow?: string;
  readonly args?: Readonly<Record<string, number | string>>;
}

/** Collects records up to a limit, so the length of a run does not decide how much memory its trace takes. */
export class TraceLog {
  readonly records: TraceRecord[] = [];
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get full(): boolean {
    return this.records.length >= this.#limit;
  }

  add(record: TraceRecord): void {
    if (this.records.length < this.#limit) this.records.push(record);
  }
}
