import type { Sourced } from '../../../model/origin.ts';

export { copyCallLatency as copyCall } from '../../../model/route/latency.ts';

/** Time of a CPU for one launch of a kernel into a stream, in seconds. */
export const launchCall: Sourced<number> = {
  value: 5e-6,
  source: 'a launch into a stream costs about 5 us: DualPath, arXiv 2602.21548, section 5.2',
};

/** Time that a CPU needs to issue one store to a write-combined doorbell, in seconds. */
export const doorbellStore: Sourced<number> = {
  value: 0.1018e-6,
  source: '64 B store to BAR1, issue time 0.1018 us, P100 (NVIDIA/gdrcopy README@00cf81f)',
};

/** Time that the first call of a process on a GPU takes to make its context, in seconds. */
export const contextCreation: Sourced<number> = {
  value: (133457e-6 - 349e-6 + 131444e-6 - 119e-6) / 2,
  source: 'first launch less a later one, 133.1 and 131.3 ms, RTX 4070 Laptop (AcademySoftwareFoundation/openqmc#111)',
};

/** Time that the driver takes to compile a module from PTX at its first use, in seconds. */
export const justInTime: Sourced<number> = {
  value: 57 / 140,
  source: 'about 57 s for 140 PTX images, Quadro RTX 8000 (0xShug0/audio.cpp#559)',
};

/** Round trip of a control call to the GSP, in seconds. */
export const gspCall: Sourced<number> = {
  value: 115e-6,
  source: 'middle of GSP_RM_CONTROL 93-138 us (NVIDIA/open-gpu-kernel-modules issue 446)',
};

/** Bytes per second that one CPU thread copies between pageable memory and the staging buffer. */
export const stagingCopy: Sourced<{ readonly toDevice: number; readonly toHost: number }> = {
  value: { toDevice: 10.0e9, toHost: 10.8e9 },
  source:
    'derived: bandwidthTest --memory=pageable 10.0 GB/s to and 10.8 GB/s from an A100-SXM4-80GB in a DGX A100 that ' +
    'does 25.7 and 25.8 pinned, so that the CPU is what limits (gengwg, "Using NVIDIA GPU P2P Benchmark tool")',
};

/** A pageable copy of at most this many bytes is taken into the staging buffer at once, and the call returns. */
export const stagedAtOnce: Sourced<number> = {
  value: 64 * 1024,
  source: 'CUDA Runtime API, "API synchronization behavior": 64 KB',
};

/** How long a context runs before another one with work gets its turn, in seconds. */
export const timeSlice: Sourced<number> = {
  value: (128 << 3) * 1e-6,
  source:
    'timeout 128, scale 3: 1024 us (NVIDIA/open-gpu-kernel-modules, kernel_fifo_gv100.c, ' +
    'kfifoChannelGroupGetDefaultTimeslice_GV100)',
};

/** GPU faults that the driver takes from the fault buffer in one go. */
export const faultBatch: Sourced<number> = {
  value: 256,
  source: 'NVIDIA/open-gpu-kernel-modules, uvm_gpu_replayable_faults.c, UVM_PERF_FAULT_BATCH_COUNT_DEFAULT',
};

/** Bytes that the driver manages as one, and the most that one fault brings over, in bytes. */
export const managedBlock: Sourced<number> = {
  value: 2 * 1024 * 1024,
  source: 'NVIDIA/open-gpu-kernel-modules, uvm_va_block_types.h, UVM_VA_BLOCK_SIZE',
};

/**
 * What a fault of the GPU on managed memory costs beside the transfer, in seconds, and the bytes that it brings over, the
 * prefetcher's included.
 */
export const pageFault: Sourced<{ readonly seconds: number; readonly bytes: number }> = {
  value: { seconds: 386.6e-3 / 31774 - (8.2e9 * 386.6e-3) / 31774 / 12.15e9, bytes: (8.2e9 * 386.6e-3) / 31774 },
  source:
    'derived: 31774 faults in 386.6 ms at 8.2 GB/s, GTX 1080 on Gen3 x16, driver 535 ' +
    '(parallelArchitect/pascal-um-benchmark README), less the transfer at 12.15 GB/s (mpicbg-scicomp/gearshifft#82)',
};
