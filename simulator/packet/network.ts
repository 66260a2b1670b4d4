/**
 * What the packet engine runs: stations that serve one TLP after the other, and lanes of TLPs that pass them.
 * Times are picoseconds, sizes bytes.
 */

/** Flow-control classes (PCIe Base 5.0 section 2.6.1): posted, non-posted, completion. */
export type CreditClass = 0 | 1 | 2;
export const posted: CreditClass = 0;
export const nonPosted: CreditClass = 1;
export const completion: CreditClass = 2;

/** Credits that the receiver of a link has given out for one class: headers, and units of 16 B of payload. */
export interface Credits {
  readonly headers: number;
  readonly data: number;
}

/** A direction of a link, a memory, an interconnect, a device's own limit: it serves one TLP at a time. */
export interface Station {
  readonly picosecondsPerByte: number;
  /** By class; absent where what comes next is no receive buffer of a link. */
  readonly credits?: readonly [Credits, Credits, Credits];
  /** Chance of an error for each bit sent, and the time that a Nak and the replay from there on take off the link. */
  readonly bitErrorRate?: number;
  readonly replayPicoseconds?: number;
  /** The other direction of the link, which carries DLLPs of this size for each TLP (Ack, UpdateFC); absent: none. */
  readonly reverse?: number;
  readonly dllpBytes?: number;
}

/** A lane's way through one station. */
export interface Stage {
  readonly station: number;
  /** Bytes that a TLP takes of the station: `bytes x factor + overhead`, for the bytes that it stands for. */
  readonly factor: number;
  readonly overhead: number;
  /** From the first bit in this station to the first bit at the next one (or, at the end, last bit to last bit). */
  readonly delay: number;
  /** From the moment when a TLP has left the buffer behind this station until its credit can be used again. */
  readonly creditDelay: number;
  /** It says only how soon the next TLP may follow: the TLP itself goes on at once. */
  readonly paces?: boolean;
  /** Lanes of one order at a station stay in the order of their arrival; absent: they may pass each other. */
  readonly order?: number;
}

/** TLPs of one kind on one way. Each stands for `unitBytes` of the transfer, the last for the rest. */
export interface Lane {
  readonly class: CreditClass;
  readonly stages: readonly Stage[];
  readonly bytes: number;
  readonly unitBytes: number;
}

/**
 * Posted writes: TLPs go when the links take them. Reads: `requests` go out while tags and the window allow, and each is
 * answered by the completions of `data`.
 */
export interface Movement {
  readonly data: Lane;
  readonly requests?: Lane;
  /** Requests in flight at most; for reads. */
  readonly window?: number;
  /** The pool of tags that requests draw from, an index; absent: the window alone counts. */
  readonly tags?: number;
  /** Another movement, an index: no more is sent than that one has delivered. */
  readonly follows?: number;
  /** For one that is followed: by how many bytes at most it may be ahead of its follower. */
  readonly aheadBytes?: number;
}

export interface Network {
  readonly stations: readonly Station[];
  readonly movements: readonly Movement[];
  /** Tags of each pool. */
  readonly tags: readonly number[];
}

/** Wire bytes (or what stands for them) of a TLP of `bytes` at a stage. */
export function stageBytes(stage: Stage, bytes: number): number {
  return bytes * stage.factor + stage.overhead;
}

/** Time of a TLP of `bytes` in a station, in whole picoseconds and at least one. */
export function servicePicoseconds(stage: Stage, station: Station, bytes: number): number {
  return Math.max(1, Math.round(stageBytes(stage, bytes) * station.picosecondsPerByte));
}

/** TLPs of a lane. */
export function tlpCount(lane: Lane): number {
  return Math.max(1, Math.ceil(lane.bytes / lane.unitBytes));
}

/** Bytes that the last TLP of a lane stands for. */
export function lastTlpBytes(lane: Lane): number {
  return lane.bytes - (tlpCount(lane) - 1) * lane.unitBytes;
}

/**
 * TLPs that one lane may have in the buffer behind a stage: what fills the station for the time of one loop, from sending
 * a TLP to using its credit again, and two more.
 */
export function windowTlps(service: number, nextService: number, stage: Stage): number {
  const loop = stage.delay + Math.max(0, service - nextService) + nextService + stage.creditDelay;
  return Math.min(65_536, Math.ceil((service + loop) / service) + 2);
}
