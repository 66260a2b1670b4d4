import { type Generation, generations, gigatransfersPerSecond, type LaneCount } from '../../model/link/generation.ts';
import type { LinkState } from '../../model/machine.ts';
import type { ObservedLinkState } from '../observed.ts';

/** The name under which our own files say generation and lanes, which the rate alone does not: hwloc shows it and minds it not. */
export const linkInfo = 'PCILink';

/** Lanes that a link can have; x12 and x32 are left out: nothing in use has them. */
const widths: readonly LaneCount[] = [1, 2, 4, 8, 16];

/**
 * `pci_link_speed` of a link, in 10^9 bytes a second in one direction: 8b/10b up to Gen2, 128b/130b for Gen3 to Gen5, 242 of
 * 256 bytes of a flit from Gen6 (hwloc, include/private/misc.h, hwloc__pci_link_speed).
 */
export function hwlocLinkSpeed(generation: Generation, lanes: number): number {
  const efficiency = generation <= 2 ? 8 / 10 : generation <= 5 ? 128 / 130 : 242 / 256;
  return (gigatransfersPerSecond(generation) * efficiency * lanes) / 8;
}

/**
 * Every state of a link with this `pci_link_speed`, in the order of generations; empty where none fits. 15.75 is Gen3 x16,
 * Gen4 x8 and Gen5 x4: the format does not tell them apart. What hwloc takes from sysfs it counts with 128b/130b from Gen3 on,
 * Gen6 included (the same file, hwloc_linux_pci_link_speed_from_string).
 */
export function statesOfLinkSpeed(speed: number): LinkState[] {
  if (!(speed > 0)) return [];
  const exact = statesWith((generation, lanes) => isNear(speed, hwlocLinkSpeed(generation, lanes)));
  if (exact.length > 0) return exact;
  return statesWith((generation, lanes) =>
    isNear(speed, (gigatransfersPerSecond(generation) * (128 / 130) * lanes) / 8),
  ).filter((state) => state.generation >= 6);
}

/**
 * The state with generation and lanes where only its rate was read: the widest that both ends are capable of, as far as they
 * say; as it is where there is none.
 */
export function stateOfRate(
  state: ObservedLinkState,
  capable: readonly (ObservedLinkState | undefined)[],
): ObservedLinkState {
  if (state.generation !== undefined || state.bytesPerSecond === undefined) return state;
  const fits = (one: LinkState) =>
    capable.every((end) => one.generation <= (end?.generation ?? 7) && one.lanes <= (end?.lanes ?? 32));
  const [widest] = statesOfLinkSpeed(state.bytesPerSecond / 1e9).filter(fits);
  return widest === undefined ? state : { ...state, ...widest };
}

function statesWith(fits: (generation: Generation, lanes: LaneCount) => boolean): LinkState[] {
  return generations.flatMap((generation) =>
    widths.filter((lanes) => fits(generation, lanes)).map((lanes) => ({ generation, lanes })),
  );
}

/** Printed with six digits after the point; the rates of neighbours differ by more than 1 %. */
function isNear(a: number, b: number): boolean {
  return Math.abs(a - b) <= b * 1e-3;
}
