import { Random } from '../events/random.ts';
import type { Network } from './network.ts';

/**
 * Bit errors of links: how many bits are good until the next bad one is drawn from the geometric distribution, so that a
 * TLP costs one subtraction. An error costs the TLP a Nak and a replay (PCIe Base 5.0 section 3.6).
 */
export class LinkErrors {
  readonly any: boolean;
  readonly #rates: Float64Array;
  readonly #goodBits: Float64Array;
  readonly #random: Random;

  constructor({ stations }: Network, seed: number) {
    this.#random = new Random(seed);
    this.#rates = Float64Array.from(stations, (one) => one.bitErrorRate ?? 0);
    this.any = this.#rates.some((rate) => rate > 0);
    this.#goodBits = this.#rates.map((rate) => this.#draw(rate));
  }

  /** How often a TLP of so many bits has to be sent again, 100 times at most. */
  replays(station: number, bits: number): number {
    const rate = this.#rates[station] as number;
    if (rate === 0) return 0;
    let good = this.#goodBits[station] as number;
    let times = 0;
    while (good < bits && times < 100) {
      times++;
      good = this.#draw(rate);
    }
    this.#goodBits[station] = good - bits;
    return times;
  }

  #draw(rate: number): number {
    if (rate <= 0) return Number.POSITIVE_INFINITY;
    if (rate >= 1) return 0;
    return Math.floor(Math.log(1 - this.#random.unit()) / Math.log1p(-rate));
  }
}
