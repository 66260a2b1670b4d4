import type { Sourced } from '../../../model/origin.ts';

/**
 * What the steps of an I/O cost a core. Every figure is measured by somebody else on some machine: a host of another speed
 * differs by tens of per cent, the order of the stacks does not.
 */

/** Into the kernel and back. */
export const kernelCrossing: Sourced<number> = {
  value: 351e-9,
  source: 'Zhong et al., "XRP", OSDI 2022, table 1: kernel crossing',
};
/** What stands between the call and the block layer: looking up the file, preparing the request. */
export const requestLayer: Sourced<number> = {
  value: 199e-9,
  source: 'Zhong et al., "XRP", OSDI 2022, table 1: read syscall',
};
export const blockLayer: Sourced<number> = {
  value: 379e-9,
  source: 'Zhong et al., "XRP", OSDI 2022, table 1: bio',
};
export const nvmeDriver: Sourced<number> = {
  value: 113e-9,
  source: 'Zhong et al., "XRP", OSDI 2022, table 1: NVMe driver',
};
/**
 * An interrupt: what a request costs a core more with libaio and interrupts than with io_uring and polling, both at depth 128
 * (608 and 1620 thousand a second).
 */
export const interrupt: Sourced<number> = {
  value: 1 / 608e3 - 1 / 1620e3,
  source: 'J. Axboe, io_uring patch series, linux-block, 2019-01: 4k random reads of one core',
};
export const contextSwitch: Sourced<number> = {
  value: 1300e-9,
  source: 'B. Sigoure, "How long does it take to make a context switch?", 2010: threads, Xeon E5-2620',
};
/** A cache line that another core of the socket has written. */
export const cacheLineIntel: Sourced<number> = {
  value: 51e-9,
  source: 'nviennot/core-to-core-latency, README: Xeon Platinum 8375C',
};
export const cacheLineAmd: Sourced<number> = {
  value: 115e-9,
  source: 'nviennot/core-to-core-latency, README: EPYC 7773X',
};
/** Lines of a request that its submitter wrote and its completion reads: request, bio, kiocb, completion ring. */
export const linesOfRequest = 4;
/** A request through SPDK, submission and completion together. */
export const spdkRequest: Sourced<number> = {
  value: 1 / 10.39e6,
  source: '10.39 million I/O a second from one thread: spdk.io/news/2019/05/06/nvme',
};
/** The stack of SCSI and libata by that of NVMe, in cycles a command. */
export const scsiOverNvme: Sourced<number> = {
  value: 19_500 / 9_100,
  source: 'NVM Express, "Unlock your solid state drive\'s potential", 2013: cycles of the Linux storage stack',
};
/** A call of cudaMemcpyAsync, for data that goes through a bounce buffer. */
export const gpuCopyCall: Sourced<number> = {
  value: 6e-6,
  source: 'middle of 5 to 7 us: DualPath, arXiv 2602.21548, section 5.2',
};

const anujGupta =
  'A. Gupta, linux-nvme, 2025-11-24 (059804): t/io_uring on an Optane drive, 5.01 M operations a second with passthrough, ' +
  '1.93 M lazy, 570 thousand strict';
/** Mapping and unmapping the data of a request, beside invalidations. */
export const lazyMapping: Sourced<number> = { value: 1 / 1.93e6 - 1 / 5.01e6, source: anujGupta };
/** Strict: all that it costs a request more than passthrough does, less the invalidation itself. */
export const strictMapping: Sourced<number> = { value: 1 / 570e3 - 1 / 5.01e6 - 1 / 2.8e6, source: anujGupta };
/** Invalidations of one IOMMU follow each other: so many a second, whatever the number of cores and drives. */
export const invalidation: Sourced<number> = {
  value: 1 / 2.8e6,
  source: 'eight NVMe drives, strict: 2.8 M operations a second, where passthrough does 16.5 M and lazy 16.4 M',
};
/** How the kernel maps the data of requests for a drive. */
export type Mapping = 'direct' | 'lazy' | 'strict';

export const engines = ['io_uring', 'libaio', 'psync', 'spdk', 'cufile'] as const;
export type Engine = (typeof engines)[number];

/** Seconds of a core for each step, for one way of submitting. */
export interface StackCosts {
  /** Each time the thread hands requests over. */
  readonly submitCall: number;
  readonly submitEach: number;
  /** While the queue is locked, in `submitEach` already counted. */
  readonly lockHold: number;
  /** For each completion, where it is handled. */
  readonly completeEach: number;
  /** Each time the thread asks for completions. */
  readonly reapCall: number;
  /** For each completion, in the thread that asked: copies out of the page cache. Absent: none. */
  readonly reapEach?: number;
  readonly interrupt: number;
  readonly contextSwitch: number;
  /** More for each request that another core submitted than completes. */
  readonly remoteEach: number;
  readonly lockTransfer: number;
  /** Wait for the IOMMU at each completion, one after the other for all cores of a socket. */
  readonly invalidation: number;
  readonly polled: boolean;
  /** Whether a thread can have more than one request under way. */
  readonly asynchronous: boolean;
}

/** @param bounced whether the data goes through a buffer in host memory on its way to a GPU */
export function stackCosts(
  engine: Engine,
  options: {
    readonly polling: boolean;
    readonly ahci: boolean;
    readonly vendor: string | undefined;
    readonly bounced: boolean;
    readonly mapping: Mapping;
  },
): StackCosts {
  const line = (options.vendor === 'amd' ? cacheLineAmd : cacheLineIntel).value;
  const shared = { lockTransfer: line, interrupt: interrupt.value, contextSwitch: contextSwitch.value };
  const bounce = options.bounced ? gpuCopyCall.value : 0;
  if (engine === 'spdk') {
    const half = spdkRequest.value / 2;
    return {
      ...shared,
      submitCall: 0,
      submitEach: half,
      lockHold: 0,
      completeEach: half,
      reapCall: 0,
      remoteEach: 0,
      // Its memory is mapped once and for all.
      invalidation: 0,
      polled: true,
      asynchronous: true,
    };
  }
  const factor = options.ahci ? scsiOverNvme.value : 1;
  // Half of block layer and driver is taken to lie before the drive, half behind it.
  const half = (factor * (blockLayer.value + nvmeDriver.value)) / 2;
  const mapping = { direct: 0, lazy: lazyMapping.value, strict: strictMapping.value }[options.mapping];
  return {
    ...shared,
    submitCall: kernelCrossing.value,
    submitEach: requestLayer.value + half,
    lockHold: (factor * nvmeDriver.value) / 2,
    completeEach: half + bounce + mapping,
    invalidation: options.mapping === 'strict' ? invalidation.value : 0,
    // io_uring's completions stand in memory that both share; the others ask the kernel.
    reapCall: engine === 'libaio' || engine === 'cufile' ? kernelCrossing.value : 0,
    remoteEach: linesOfRequest * line,
    polled: options.polling && (engine === 'io_uring' || engine === 'psync'),
    asynchronous: engine !== 'psync',
  };
}
