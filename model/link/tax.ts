import type { Sourced } from '../origin.ts';
import type { Generation, LaneCount } from './generation.ts';

/**
 * The share of a link that DLLPs (Ack, flow-control updates) and SKP ordered sets take from TLPs.
 *
 * `worst-case`: Acks and updates as often as the specification can ask for, the closed form of pcie-bench.
 * `measured`: what published measurements of saturated links leave. `none`: TLP overhead only.
 */
export type TaxSetting = 'worst-case' | 'measured' | 'none';

export const taxSettings: readonly TaxSetting[] = ['worst-case', 'measured', 'none'];

export interface TaxInput {
  readonly generation: Generation;
  readonly lanes: LaneCount;
  /** Max_Payload_Size in bytes. */
  readonly mps: number;
  readonly flitMode: boolean;
}

/**
 * Ack factor by link width and Max_Payload_Size: PCIe Base 5.0 appendix H; in revision 2.1 the factors stand beside the
 * limits in section 3.5.3.1, with a column for x12. The factors of the flow-control update latency are the same.
 * The limits they give for x1 to x8 at 2.5 GT/s are also those that the Linux driver cxgb3 programs
 * (drivers/net/ethernet/chelsio/cxgb3/t3_hw.c, config_pcie).
 */
function ackFactor(lanes: LaneCount, mps: number): number {
  const small = mps <= 256;
  if (lanes <= 4) return small ? 1.4 : 1;
  if (lanes === 8) return small ? 2.5 : 1;
  return small ? 3 : 2;
}

/** Framing, sequence number, header, prefix, digest and LCRC that the limit allows for: 28 symbols. Same appendix. */
const limitTlpOverhead = 28;

/** Internal processing of received TLPs and sent Acks, in symbol times: 19, 70 and from 8 GT/s on 115. Same appendix. */
function internalDelay(generation: Generation): number {
  if (generation === 1) return 19;
  return generation === 2 ? 70 : 115;
}

/**
 * The longest time that a received TLP may wait for its Ack, in symbol times, without adjustment for L0s:
 * (MPS + 28) x AckFactor / lanes + InternalDelay, cut to whole symbols. The limit between flow-control updates is equal.
 * PCIe Base 5.0 tables 2-46 to 2-48 and 3-7 to 3-9.
 */
export function ackLimitSymbolTimes(generation: Generation, lanes: LaneCount, mps: number): number {
  return Math.floor(((mps + limitTlpOverhead) * ackFactor(lanes, mps)) / lanes + internalDelay(generation));
}

/** A DLLP on the wire: 4 B content, 2 B CRC, 2 B framing (PCIe Base 5.0 sections 3.5 and 4.2). */
const dllpBytes = 8;
/** SKP ordered set of 4 symbols at most every 1538 symbol times (PCIe Base 5.0 section 4.2.7). */
const skp = { symbols: 4, intervalSymbols: 1538 };

/**
 * The closed form of pcie-bench: an Ack and an update of 8 B within every limit, plus SKP. It counts the 8 B against
 * symbol times of one lane, so that it overstates the tax of a wide link: an upper bound, not a prediction.
 */
function worstCase(input: TaxInput): number {
  const limit = ackLimitSymbolTimes(input.generation, input.lanes, input.mps);
  return dllpBytes / limit + dllpBytes / limit + skp.symbols / skp.intervalSymbols;
}

const pcieBench = 'pcie-bench/data@b2abf2f, NFP-6000 on Xeon E5-2637 v3';

/**
 * What saturated links lose beyond TLP overhead, derived as 1 - measured / (raw x payload / (payload + overhead)).
 * The spread between devices is 1-6 %, wider than that between generations; one figure a generation is a middle.
 */
const measuredTax: Readonly<Record<1 | 2 | 3 | 4 | 5, Sourced<number>>> = {
  1: { value: 0.055, source: 'as Gen3, which has the same DLLPs; no measurement at 2.5 GT/s reaches the link itself' },
  2: {
    value: 0.055,
    source:
      'as Gen3; an uplink forced to Gen2 x16 carries 14 GB/s both ways, 4.3 % below the TLP limit at MPS 256 within ' +
      'its rounding (voipmonitor/rtx6kpro@29f3863)',
  },
  3: {
    value: 0.055,
    source: `derived: 512 B and 2 KiB writes 54.44 Gb/s (5.5 %), 512 B reads 55.03 (5.8 %), 1.5 KiB reads 55.34 (5.3 %) of Gen3 x8, MPS 256 (${pcieBench})`,
  },
  4: {
    value: 0.02,
    source:
      'as Gen5; the fastest Gen4 x4 drives read 7.45 GB/s, which at MPS 512 leaves 1.0 % with 64-bit and 1.7 % with ' +
      '32-bit addresses (Samsung, 990 PRO data sheet)',
  },
  5: {
    value: 0.02,
    source:
      'derived: H100 PCIe peers, 56.1 GB/s each way while both ways are busy, 2.6 % below the TLP limit at MPS 256 ' +
      '(xnvme/aisio@e78e01f); other pairs stay 4-6 % below it, by their engines',
  },
};

export interface Tax {
  /** Share of the raw rate, 0 to 1. */
  readonly fraction: number;
  readonly source: string;
}

/**
 * The tax of a link under a setting. 0 in Flit Mode, whose DLP bytes carry Acks and credits (PCIe Base 6.0 section
 * 4.2.3); the SKP ordered sets of 1b/1b links are not modelled.
 */
export function linkTax(setting: TaxSetting, input: TaxInput): Tax {
  if (setting === 'none') return { fraction: 0, source: 'not counted' };
  const { generation } = input;
  if (input.flitMode || generation === 6 || generation === 7) {
    return { fraction: 0, source: 'Flit Mode: Acks and credits travel in the flit (PCIe Base 6.0 section 4.2.3)' };
  }
  if (setting === 'worst-case') {
    return { fraction: worstCase(input), source: 'PCIe Base 5.0 Ack and flow-control limits, pcie-bench closed form' };
  }
  const measured = measuredTax[generation];
  return { fraction: measured.value, source: measured.source };
}
