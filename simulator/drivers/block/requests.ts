/** Requests of all threads: a place each for as many as may be in flight. */
export class RequestTable {
  readonly thread: Int32Array;
  readonly since: Float64Array;
  readonly bytes: Int32Array;
  readonly failed: Uint8Array;
  /** Commands that serve it and are not complete. */
  readonly commands: Int32Array;
  /** The next request that the same command serves, or -1: contiguous requests of one call are joined. */
  readonly joined: Int32Array;

  constructor(places: number) {
    this.thread = new Int32Array(places);
    this.since = new Float64Array(places);
    this.bytes = new Int32Array(places);
    this.failed = new Uint8Array(places);
    this.commands = new Int32Array(places);
    this.joined = new Int32Array(places).fill(-1);
  }
}
