import type { LimitKind, NextLimit } from '../simulate.types.ts';

/** A figure over the time of a run: `values[i]` from `times[i]` to `times[i + 1]`, nothing outside. Times in seconds. */
export interface Series {
  /** One more than values; empty where there is nothing. */
  readonly times: readonly number[];
  readonly values: readonly number[];
  /** The values are means over equal parts of the run: there were more changes than can be shown. */
  readonly averaged: boolean;
}

/** `forward`, `back`: over a connection, from the first of its ends to the second, and back. */
export type Way = 'up' | 'down' | 'read' | 'write' | 'send' | 'receive' | 'forward' | 'back';

/** How much of something was used over time: 0 to 1. */
export interface UseTrack {
  readonly name: string;
  readonly kind: LimitKind;
  /** Direction of a link or a connection, or of a device's media; null for what has one only. */
  readonly way: Way | null;
  readonly use: Series;
  /** Over the whole run. */
  readonly mean: number;
  readonly peak: number;
}

/** A step on a track of work. */
export interface Bar {
  readonly name: string;
  readonly startSeconds: number;
  readonly endSeconds: number;
  /** Bars that overlap lie in rows below each other, counted from 0. */
  readonly row: number;
}

/** What an engine, a queue or a thread did. */
export interface WorkTrack {
  /** `cpu0.rp0.ssd0/queue 1`, `gpu0 copy engine`; slash-separated, outermost first. */
  readonly name: string;
  /** How many can be at work at once; null where nothing says. */
  readonly slots: number | null;
  /** Steps at work at once. */
  readonly busy: Series;
  /** Steps that wait for a slot; null where none ever did. */
  readonly waiting: Series | null;
  /** Steps in all. */
  readonly steps: number;
  /** What there is to see: the whole run, or its beginning where all of its steps lie there. */
  readonly window: readonly [startSeconds: number, endSeconds: number];
  /** The steps after the window were not recorded, since there are too many. */
  readonly cut: boolean;
  /** Share of the time in which at least one step was at work, 0 to 1: of the run, or of the window where it is cut. */
  readonly share: number;
  readonly peak: number;
  /** The steps one by one; null where they are too many. */
  readonly bars: readonly Bar[] | null;
}

/** TLPs that stood behind one another before something, over the time of a run at fidelity packet. */
export interface QueueTrack {
  /** What they wait for: a link, a memory, a device. */
  readonly name: string;
  readonly kind: LimitKind;
  readonly way: Way | null;
  /** Mean numbers over parts of the run. */
  readonly depth: Series;
  /** Over the whole run. */
  readonly mean: number;
  readonly peak: number;
}

/** A part of a transfer's latency. */
export interface LatencyPart {
  /** The component, link or memory that it belongs to. */
  readonly name: string;
  /** What takes the time: `DMA engine`, `serialization`, `media`. */
  readonly what: string;
  /** Negative for what a run of packets did not need of the way's latency. */
  readonly seconds: number;
  /** Where the figure comes from. */
  readonly source: string;
}

/** A thing that held a transfer back, all its phases together. */
export interface LimitShare {
  readonly limitedBy: string;
  readonly kind: LimitKind;
  readonly seconds: number;
  /** Of the whole transfer, 0 to 1. */
  readonly share: number;
  /** Mean rate while it did. */
  readonly bytesPerSecond: number;
  /** Of its longest phase; null where nothing else is known to limit. */
  readonly next: NextLimit | null;
}

export interface TransferExplanation {
  readonly name: string;
  /** From the start to the first byte, in the order in which it is passed: adds up to that time. */
  readonly latency: readonly LatencyPart[];
  /** What held it back, the longest first. */
  readonly limits: readonly LimitShare[];
}

/** A thing that held back something in a run; of kind `latency` where waiting for first bytes did so the longest. */
export interface Bottleneck {
  readonly limitedBy: string;
  readonly kind: LimitKind;
  /** Time in which it held back at least one copy. */
  readonly seconds: number;
  /** The same as a share of the run, 0 to 1. */
  readonly share: number;
  /** What it held back, the longest first; the first few. */
  readonly copies: readonly string[];
  /** How many names `copies` would have. */
  readonly copyCount: number;
  /** Of what it held back for the longest time; null where nothing else is known to limit. */
  readonly next: NextLimit | null;
}

/** Where the time of a run went. Everything is bounded: the length of a run does not decide its size. */
export interface RunExplanation {
  readonly bottlenecks: readonly Bottleneck[];
  /** In the order of the run's transfers; the first few hundred. */
  readonly transfers: readonly TransferExplanation[];
  /** Links first, the busiest first, its directions one after the other; then the rest. */
  readonly use: readonly UseTrack[];
  readonly work: readonly WorkTrack[];
  /** The longest first; none where no packets were moved. */
  readonly queues: readonly QueueTrack[];
}
