import { type Check, noCheck } from '../cancel.ts';
import { sharingCore } from './sharing-core.generated.ts';

/** What `core/index.ts` exports; addresses are in bytes. */
export interface SharingCore {
  readonly memory: { readonly buffer: ArrayBuffer };
  /** Takes memory for so many resources, flows and entries of ways; gives back where the capacities stand. */
  readonly prepare: (resources: number, flows: number, entries: number) => number;
  readonly bytesAt: () => number;
  readonly startsAt: () => number;
  readonly orderAt: () => number;
  readonly routeEndsAt: () => number;
  readonly routesAt: () => number;
  /** What `finding` says of what was written; to be called before `run`. */
  readonly check: () => number;
  /** The resource, or the flow, that is wrong. */
  readonly faultAt: () => number;
  /** Runs all flows to their end; gives back where the finish times stand. */
  readonly run: () => number;
}

/** What it exports for tasks that the caller starts and ends: `core/tasks.ts` says more. Addresses are in bytes. */
export interface TaskCore {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly open: (resources: number, classes: number) => number;
  readonly groupsAt: () => number;
  readonly begin: (told: number, liftable: boolean) => void;
  readonly wayAt: (entries: number) => number;
  readonly classOn: (entries: number) => number;
  readonly idOf: (flowClass: number) => number;
  readonly capOf: (flowClass: number) => number;
  readonly rateOf: (flowClass: number) => number;
  readonly limitAt: (flowClass: number) => number;
  readonly change: (flowClass: number, flows: number) => void;
  readonly startTask: (flowClass: number, task: number, amount: number) => number;
  readonly stopTask: (flowClass: number, flow: number) => number;
  readonly settleNow: () => void;
  readonly nextEnd: () => number;
  readonly endUntil: (seconds: number) => number;
  readonly endedAt: () => number;
  readonly report: () => number;
  readonly rowsAt: () => number;
  readonly resourceAt: (index: number) => number;
  readonly liftOne: (resource: number) => void;
  readonly lowerOne: (resource: number) => void;
  readonly settleLowered: () => void;
  /** Steps of all settlements so far. */
  readonly steps: { readonly value: number };
}

/** What `check` gives back. */
export const finding = { unsorted: 1, badCapacity: 2, badBytes: 3, badStart: 4, badResource: 5 } as const;

/** What this folder uses of the WebAssembly of browsers and Node. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
};
declare const atob: (text: string) => string;

let compiled: object | null = null;

/**
 * A core with a memory of its own, for one run.
 *
 * @param check asked now and then while it settles; where it throws, the core is of no use any more
 * @throws the platform's error where it has or allows no WebAssembly
 */
export function startCore(check: Check = noCheck): SharingCore & TaskCore {
  compiled ??= compile();
  return new WebAssembly.Instance(compiled, { host: { check } }).exports as SharingCore & TaskCore;
}

function compile(): object {
  const text = atob(sharingCore);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return new WebAssembly.Module(bytes);
}
