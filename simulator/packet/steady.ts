import type { PacketEngine } from './engine.ts';
import type { Network } from './network.ts';

/** A stretch that may be passed over: its length, and what each movement does in it. */
export interface Stretch {
  readonly picoseconds: number;
  readonly bytes: ReadonlyMap<number, number>;
}

/** Events of the first window; windows double until each movement has sent enough in them to have a rate. */
const firstWindow = 16_384;
const longestWindow = 2 ** 24;
const fewestTlps = 256;
/** Windows agree when no rate differs by more. */
const tolerance = 0.002;
/** What is left out is whole TLPs and requests of every size (PCIe Base 5.0 section 7.5.3.4: 4096 B at most). */
const grain = 4096;

interface Mark {
  readonly picoseconds: number;
  readonly bytes: readonly number[];
}

/**
 * Finds stretches in which all goes on as it does: when every movement has kept its rate over two windows, the same bytes
 * at the same rates would follow until one of them runs out. Leaving them out leaves the rest of the run as it is.
 */
export class SteadySkip {
  readonly #engine: PacketEngine;
  readonly #network: Network;
  #movements: readonly (readonly number[])[] = [];
  #window = firstWindow;
  #endsAt = 0;
  #marks: Mark[] = [];

  constructor(engine: PacketEngine, network: Network) {
    this.#engine = engine;
    this.#network = network;
  }

  /** Begins anew with these movements, those of one copy together. */
  restart(movements: readonly (readonly number[])[]): void {
    this.#movements = movements;
    this.#window = firstWindow;
    this.#marks = [];
    this.#endsAt = this.#engine.events + this.#window;
  }

  /** Events to the end of the window, `most` at most. */
  eventsToGo(most: number): number {
    return Math.max(1, Math.min(most, this.#endsAt - this.#engine.events));
  }

  /** Asked between events: a stretch of at most so many picoseconds that may be left out now, or null. */
  find(mostPicoseconds: number): Stretch | null {
    if (this.#engine.events < this.#endsAt) return null;
    const flat = this.#movements.flat();
    this.#marks.push({ picoseconds: this.#engine.now, bytes: flat.map((one) => this.#engine.movedBytes(one)) });
    this.#endsAt = this.#engine.events + this.#window;
    const [first, middle, last] = this.#marks;
    if (first === undefined || middle === undefined || last === undefined) return null;
    this.#marks = [middle, last];
    const [early, late] = [ratesBetween(first, middle), ratesBetween(middle, last)];
    const fewest = flat.reduce((least, one, at) => {
      const unit = this.#network.movements[one]?.data.unitBytes ?? 1;
      return Math.min(least, ((last.bytes[at] ?? 0) - (middle.bytes[at] ?? 0)) / unit);
    }, Number.POSITIVE_INFINITY);
    const steady = fewest >= fewestTlps && flat.every((_, at) => agree(early[at] ?? 0, late[at] ?? 0, fewest));
    if (!steady) {
      // Longer windows, until each movement has a rate in them that bit errors and turns do not move.
      this.#window = Math.min(2 * this.#window, longestWindow);
      this.#marks = [last];
      this.#endsAt = this.#engine.events + this.#window;
      return null;
    }
    return this.#stretch(ratesBetween(first, last), last.picoseconds - first.picoseconds, mostPicoseconds);
  }

  #stretch(rates: readonly number[], measured: number, most: number): Stretch | null {
    let length = most;
    const copies: { readonly movements: readonly number[]; readonly rate: number }[] = [];
    let at = 0;
    for (const movements of this.#movements) {
      const own = rates.slice(at, at + movements.length);
      at += movements.length;
      const rate = own.at(-1) ?? 0;
      if (rate <= 0 || own.some((one) => Math.abs(one - rate) > rate * 5 * tolerance)) return null;
      const unsent = movements.reduce(
        (least, one) => Math.min(least, this.#engine.unsentBytes(one)),
        Number.POSITIVE_INFINITY,
      );
      length = Math.min(length, unsent / rate - 2 * measured);
      copies.push({ movements, rate });
    }
    if (copies.length === 0 || !Number.isFinite(length) || length < 4 * measured) return null;
    const bytes = new Map<number, number>();
    for (const { movements, rate } of copies) {
      const left = Math.floor((rate * length) / grain) * grain;
      for (const one of movements) bytes.set(one, left);
    }
    return { picoseconds: Math.floor(length), bytes };
  }
}

/** Bytes per picosecond. */
function ratesBetween(from: Mark, to: Mark): number[] {
  const elapsed = to.picoseconds - from.picoseconds;
  return to.bytes.map((bytes, at) => (bytes - (from.bytes[at] ?? 0)) / elapsed);
}

/** Whether two rates are one, when each was measured over so many TLPs: one more or less at either end says nothing. */
function agree(early: number, late: number, tlps: number): boolean {
  return Math.abs(early - late) <= Math.max(early, late) * (tolerance + 2 / tlps);
}
