import type { ZoneModel } from './model.ts';

/** Status codes of the Zoned Namespace Command Set 1.1, section 4.1.1.1 (command specific, type 1h). */
export const zoneStatus = {
  boundaryError: 0x1b8,
  full: 0x1b9,
  invalidWrite: 0x1bc,
  tooManyOpen: 0x1be,
} as const;

const states = { empty: 0, open: 1, full: 2 } as const;

/** The zones of a namespace: writes go to the write pointer of a zone, and few zones may be open at once. */
export class Zones {
  readonly model: ZoneModel;
  readonly #pointer: Float64Array;
  readonly #state: Uint8Array;
  open = 0;
  mostOpen = 0;
  resets = 0;

  constructor(model: ZoneModel) {
    this.model = model;
    this.#pointer = new Float64Array(model.zones);
    this.#state = new Uint8Array(model.zones);
  }

  zoneOf(offset: number): number {
    return Math.floor(offset / this.model.zoneBytes);
  }

  /** Bytes written to a zone since its reset. */
  written(zone: number): number {
    return this.#pointer[zone] ?? 0;
  }

  /** Judges a write at an offset, and moves the write pointer where it is allowed. 0 or a status. */
  write(offset: number, bytes: number): number {
    const zone = this.zoneOf(offset);
    if (zone >= this.model.zones) return zoneStatus.boundaryError;
    if (this.#state[zone] === states.full) return zoneStatus.full;
    if (offset - zone * this.model.zoneBytes !== this.written(zone)) return zoneStatus.invalidWrite;
    return this.#take(zone, bytes);
  }

  /** Zone Append: the drive chooses the place in the zone. 0 or a status. */
  append(zone: number, bytes: number): number {
    if (zone >= this.model.zones) return zoneStatus.boundaryError;
    if (this.#state[zone] === states.full) return zoneStatus.full;
    return this.#take(zone, bytes);
  }

  /** Zone Management Send with Reset: the zone is empty again. */
  reset(zone: number): void {
    if (this.#state[zone] === states.open) this.open--;
    this.#state[zone] = states.empty;
    this.#pointer[zone] = 0;
    this.resets++;
  }

  #take(zone: number, bytes: number): number {
    const end = this.written(zone) + bytes;
    if (end > this.model.zoneBytes) return zoneStatus.boundaryError;
    if (this.#state[zone] === states.empty) {
      if (this.open >= this.model.openZones) return zoneStatus.tooManyOpen;
      this.#state[zone] = states.open;
      this.open++;
      if (this.open > this.mostOpen) this.mostOpen = this.open;
    }
    this.#pointer[zone] = end;
    if (end === this.model.zoneBytes) {
      this.#state[zone] = states.full;
      this.open--;
    }
    return 0;
  }
}
