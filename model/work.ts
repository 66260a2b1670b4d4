import type { Origin } from './origin.ts';

/**
 * One end of a transfer: a device, or the memory of a socket.
 * `component` is the id in the machine; for host memory it is the socket.
 */
export interface EndpointRef {
  readonly component: number;
  readonly memory: boolean;
}

export type Via = 'auto' | 'p2p' | 'host';

/** One copy of bytes from one place to another. */
export interface Transfer {
  readonly name: string;
  readonly from: EndpointRef;
  readonly to: EndpointRef;
  readonly bytes: number;
  /** Size of one request; null: the whole transfer at once. */
  readonly blockBytes: number | null;
  /** Requests in flight; null: as many as the device keeps. */
  readonly depth: number | null;
  /** Start of each request modulo 4096; absent: 0. */
  readonly offsetBytes?: number;
  /** Memory over which the addresses of requests are random; absent: one after the other. */
  readonly windowBytes?: number;
  /** The CPU has just touched the host memory, so that its caches hold it. */
  readonly cached?: boolean;
  readonly via: Via;
  /** Which end masters the bus, and by which request; null: the usual one for the kinds of the ends. */
  readonly initiator: number | null;
  readonly operation: 'read' | 'write' | null;
  readonly startSeconds: number;
  /** How often, one after the other; absent: once. */
  readonly repeat?: number;
  /** False where a GPU copies from or to host memory that is not page-locked. */
  readonly pinned?: boolean;
  /** Names of work of the same scenario that must be done first. */
  readonly after?: readonly string[];
  readonly expectations: readonly Expectation[];
  readonly origin: Origin;
}

/** Where an operation of a stream goes: `copy h2d 64 MiB` and the like. */
export type StreamOperation =
  | {
      readonly kind: 'copy';
      readonly direction: 'h2d' | 'd2h' | 'd2d' | 'p2p';
      readonly bytes: number;
      readonly peer: EndpointRef | null;
      readonly pinned: boolean;
      /** What kind of host memory; absent: as `pinned` says. Managed memory moves when the device touches it. */
      readonly memory?: 'pinned' | 'pageable' | 'managed';
      /** How managed memory is touched; absent: in order. `strideBytes`: a page every so many bytes of `bytes`. */
      readonly walk?: 'random' | { readonly strideBytes: number };
      /** The context whose memory is the source, where it is not the stream's own; and whether it was exported. */
      readonly fromContext?: string;
      readonly exported?: boolean;
      readonly origin: Origin;
    }
  | { readonly kind: 'kernel'; readonly seconds: number; readonly name?: string; readonly origin: Origin }
  | {
      /** Stores or loads of a CPU over a BAR; `prefetch` moves managed memory. `peer` is the device, or the memory of a socket. */
      readonly kind: 'store' | 'load' | 'prefetch';
      readonly bytes: number;
      readonly peer: EndpointRef | null;
      readonly origin: Origin;
    }
  | {
      /** A buffer as a dma-buf: made one, or taken from the device `peer` that made it one. */
      readonly kind: 'export' | 'attach';
      readonly bytes: number;
      readonly peer: EndpointRef | null;
      readonly origin: Origin;
    }
  /** VRAM saved to host memory before the machine sleeps, and brought back. */
  | { readonly kind: 'suspend' | 'resume'; readonly bytes: number; readonly origin: Origin }
  /** A frame shown: an atomic commit of kernel mode setting. */
  | { readonly kind: 'flip'; readonly origin: Origin }
  | { readonly kind: 'synchronize'; readonly origin: Origin }
  | { readonly kind: 'record'; readonly event: string; readonly origin: Origin }
  | { readonly kind: 'wait'; readonly event: string; readonly origin: Origin };

export interface Stream {
  readonly name: string;
  /** The context that it was made in; absent: the one of its process. */
  readonly context?: string;
  /** Kernels of a higher one go first; absent: 0, the lowest. */
  readonly priority?: number;
  readonly operations: readonly StreamOperation[];
}

/** A process that uses one GPU through streams. */
export interface GpuProcess {
  readonly name: string;
  readonly device: number;
  /** The MIG instance of the device that it runs on; absent: the whole GPU. */
  readonly instance?: string;
  readonly startSeconds: number;
  readonly streams: readonly Stream[];
  /** NUMA node of its host memory; absent: that of the GPU. */
  readonly numaNode?: number;
  /** Whether making contexts and loading code are part of the run; absent: they are there. */
  readonly cold?: boolean;
  /** What its kernels come as: machine code, or PTX that the driver compiles at the first launch. Counts when cold. */
  readonly code?: 'sass' | 'ptx';
  /** Device nodes that it opens by name. */
  readonly opens?: readonly string[];
  /** Whether its threads wait by polling; absent: they do. */
  readonly polling?: boolean;
  /** How many cores its threads share; absent: one for each stream. */
  readonly cores?: number;
  /** Names of work of the same scenario that must be done first. */
  readonly after?: readonly string[];
  readonly expectations?: readonly Expectation[];
  readonly origin: Origin;
}

/** Work beside transfers and processes: jobs, pipelines with their stages, collectives. */
export interface OtherActivity {
  readonly kind: string;
  readonly name: string;
  readonly startSeconds: number;
  readonly on: readonly EndpointRef[];
  readonly from: readonly EndpointRef[];
  readonly to: readonly EndpointRef[];
  readonly over: readonly EndpointRef[];
  readonly settings: Readonly<Record<string, number | string | boolean>>;
  readonly children: readonly OtherActivity[];
  /** Names of work of the same scenario that must be done first. */
  readonly after?: readonly string[];
  readonly expectations?: readonly Expectation[];
  readonly origin: Origin;
}

export interface Scenario {
  readonly name: string;
  readonly transfers: readonly Transfer[];
  readonly processes: readonly GpuProcess[];
  readonly activities: readonly OtherActivity[];
  readonly expectations: readonly Expectation[];
  readonly origin: Origin;
}

export type Comparison = '<' | '<=' | '>' | '>=' | '==' | '!=';

/** A figure of a run: `bandwidth`, `latency`, `makespan`, `utilisation of rp0`, `bandwidth of load`. */
export interface Measure {
  readonly metric: string;
  /** Name of the transfer, link or device that `of` names, or null for the subject itself. */
  readonly of: string | null;
}

export type Expectation =
  | {
      readonly kind: 'measure';
      readonly left: Measure;
      /** Present for a ratio: `bandwidth of a / bandwidth of b`. */
      readonly right: Measure | null;
      readonly comparison: Comparison;
      /** In SI units; a ratio or a percentage as a fraction. */
      readonly bound: number;
      /** Relative tolerance as a fraction, or null. */
      readonly within: number | null;
      readonly text: string;
      readonly origin: Origin;
    }
  | {
      /** `expect path direct`, `expect bottleneck rp0`. */
      readonly kind: 'is';
      readonly left: Measure;
      readonly value: string;
      readonly text: string;
      readonly origin: Origin;
    }
  | {
      readonly kind: 'finding';
      readonly code: string;
      readonly at: string | null;
      readonly negated: boolean;
      readonly text: string;
      readonly origin: Origin;
    };

/** All the work of a file on one machine. */
export interface Work {
  readonly transfers: readonly Transfer[];
  readonly scenarios: readonly Scenario[];
  /** Expectations that stand in the machine itself. */
  readonly expectations: readonly Expectation[];
}
