/**
 * Chrome trace JSON, which Perfetto opens (Trace Event Format, "JSON Object Format"): written piece by piece, so that the
 * length of a run does not decide how much memory its trace takes.
 */
export class PerfettoWriter {
  /** Bars written so far, in all runs. */
  slices = 0;
  readonly #write: (chunk: string) => void;
  readonly #flows = new Map<string, number>();
  #buffer = '';
  #first = true;
  #process = 0;
  #tracks = new Map<string, number>();

  /**
   * @param write takes the next piece of the text; pieces are some tens of kilobytes long
   * @param about stands in the trace's metadata: seed, fidelity
   */
  constructor(write: (chunk: string) => void, about: Readonly<Record<string, string | number>> = {}) {
    this.#write = write;
    this.#buffer = `{"displayTimeUnit":"ns","otherData":${JSON.stringify(about)},"traceEvents":[\n`;
  }

  /** A run begins: a process of its own, with tracks of its own. */
  beginRun(name: string): void {
    this.#process++;
    this.#tracks = new Map();
    this.#flows.clear();
    this.#event(`{"name":"process_name","ph":"M","pid":${this.#process},"tid":0,"args":{"name":${quoted(name)}}}`);
  }

  /**
   * A bar on a track, from start to end in seconds. Bars of one track lie side by side or within each other. `flow`: bars
   * of one key are joined by arrows in the order in which they are written, which is that of their starts.
   */
  slice(
    track: string,
    name: string,
    startSeconds: number,
    endSeconds: number,
    args?: Readonly<Record<string, string | number>>,
    flow?: string,
  ): void {
    if (!Number.isFinite(endSeconds) || !Number.isFinite(startSeconds)) return;
    this.slices++;
    // Whole nanoseconds at both ends, as Perfetto keeps them: bars that follow each other then never overlap.
    const start = Math.round(startSeconds * 1e9);
    const length = Math.max(0, Math.round(endSeconds * 1e9) - start);
    const more = args === undefined ? '' : `,"args":${JSON.stringify(args)}`;
    const tid = this.#track(track);
    this.#event(
      `{"name":${quoted(name)},"ph":"X","pid":${this.#process},"tid":${tid},"ts":${micro(start)},"dur":${micro(length)}${more}}`,
    );
    if (flow !== undefined) this.#arrow(flow, tid, start);
  }

  /** Leads the arrows of a key through the bar that is on a track at this time. */
  arrow(flow: string, track: string, atSeconds: number): void {
    this.#arrow(flow, this.#track(track), Math.round(atSeconds * 1e9));
  }

  /** A figure that changes over time: several of them are stacked. */
  counter(track: string, atSeconds: number, values: Readonly<Record<string, number>>): void {
    if (!Number.isFinite(atSeconds)) return;
    const at = micro(Math.round(atSeconds * 1e9));
    this.#event(
      `{"name":${quoted(track)},"ph":"C","pid":${this.#process},"tid":0,"ts":${at},"args":${JSON.stringify(values)}}`,
    );
  }

  /** Something that happens at one time. */
  instant(track: string, name: string, atSeconds: number, args: Readonly<Record<string, string | number>> = {}): void {
    const at = micro(Math.round(atSeconds * 1e9));
    this.#event(
      `{"name":${quoted(name)},"ph":"i","s":"p","pid":${this.#process},"tid":${this.#track(track)},"ts":${at},"args":${JSON.stringify(args)}}`,
    );
  }

  /** Ends the text. Nothing may be written after it. */
  close(): void {
    this.#write(`${this.#buffer}\n]}\n`);
    this.#buffer = '';
  }

  #arrow(flow: string, tid: number, at: number): void {
    const known = this.#flows.get(flow);
    const id = known ?? this.#flows.size + 1;
    if (known === undefined) this.#flows.set(flow, id);
    // An arrow ends in the bar around its time; a step in the middle both ends and begins one.
    const phase = known === undefined ? '"s"' : '"t","bp":"e"';
    this.#event(
      `{"name":"flow","cat":"flow","ph":${phase},"id":${this.#process * 2 ** 32 + id},"pid":${this.#process},"tid":${tid},"ts":${micro(at)}}`,
    );
  }

  /** The number of a track; its name, and its place among the others, are written when it is new. */
  #track(name: string): number {
    const known = this.#tracks.get(name);
    if (known !== undefined) return known;
    const tid = this.#tracks.size + 1;
    this.#tracks.set(name, tid);
    this.#event(`{"name":"thread_name","ph":"M","pid":${this.#process},"tid":${tid},"args":{"name":${quoted(name)}}}`);
    return tid;
  }

  #event(text: string): void {
    this.#buffer += this.#first ? text : `,\n${text}`;
    this.#first = false;
    if (this.#buffer.length < 65_536) return;
    this.#write(this.#buffer);
    this.#buffer = '';
  }
}

/** Nanoseconds as the microseconds that the format asks for, exactly. */
function micro(nanoseconds: number): string {
  const whole = Math.floor(nanoseconds / 1000);
  const rest = nanoseconds - whole * 1000;
  return rest === 0 ? `${whole}` : `${whole}.${`${rest}`.padStart(3, '0')}`;
}

const known = new Map<string, string>();

/** JSON of a name; the same few names come again and again. */
function quoted(name: string): string {
  let text = known.get(name);
  if (text === undefined) {
    if (known.size > 10_000) known.clear();
    text = JSON.stringify(name);
    known.set(name, text);
  }
  return text;
}
