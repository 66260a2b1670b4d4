import { rawBytesPerSecond } from '../../model/link/generation.ts';
import type { ObservedBar, ObservedConnection, ObservedFunction, ObservedMachine, ObservedNote } from '../observed.ts';
import { normaliseAddress } from '../pci/address.ts';

/** What two sources say of the same thing and cannot both be right about; `a` is what counts. */
interface Contradiction {
  readonly what: string;
  readonly a: string;
  readonly b: string;
}

const noteOf = (subject: string | null, formats: readonly string[], { what, a, b }: Contradiction): ObservedNote => ({
  line: null,
  subject,
  message: `${formats.join(' and ')} says ${what} ${b}, another source ${a}: the latter is kept`,
});

/**
 * Contradictions between two accounts of a function in its place, its link, its BARs and its virtual functions; identities and
 * the like are compared by value where they are merged.
 */
export function functionContradictions(
  before: ObservedFunction,
  after: ObservedFunction,
  formats: readonly string[],
): ObservedNote[] {
  const found: Contradiction[] = [];
  const isOnlyNccl = formats.every((format) => format === 'nccl' || format === 'nvidia-smi');
  // NCCL leaves out root ports and ports of switches.
  if (!isOnlyNccl && before.parent !== undefined && after.parent !== undefined) {
    const [a, b] = [before.parent, after.parent].map((one) => (one === null ? null : (normaliseAddress(one) ?? one)));
    if (a !== b && a !== null && b !== null) found.push({ what: 'it hangs below', a: String(a), b: String(b) });
  }
  found.push(...linkContradictions(before, after, isOnlyNccl));
  for (const [index, a, b] of sizesOfBoth(before.bars, after.bars)) {
    if (a !== b) found.push({ what: `BAR ${index} has`, a: `${a} bytes`, b: `${b} bytes` });
  }
  const [a, b] = [before.sriov?.totalVfs, after.sriov?.totalVfs];
  if (a !== undefined && b !== undefined && a !== b) {
    found.push({ what: 'the most virtual functions are', a: String(a), b: String(b) });
  }
  return found.map((one) => noteOf(before.address, formats, one));
}

/** Rates are printed with few digits. */
const rateTolerance = 0.03;
const displayClass = 0x03;

function linkContradictions(before: ObservedFunction, after: ObservedFunction, isOnlyNccl: boolean): Contradiction[] {
  const found: Contradiction[] = [];
  const [a, b] = [before.link?.current, after.link?.current];
  // GPUs lower the speed of their link when they rest: two readings may differ.
  const rests = (before.classCode ?? after.classCode ?? 0) >>> 16 === displayClass;
  if (a?.lanes !== undefined && b?.lanes !== undefined && a.lanes !== b.lanes) {
    found.push({ what: 'its link is', a: `x${a.lanes}`, b: `x${b.lanes}` });
  }
  if (!rests && a?.generation !== undefined && b?.generation !== undefined && a.generation !== b.generation) {
    found.push({ what: 'its link runs at', a: `gen${a.generation}`, b: `gen${b.generation}` });
  }
  const [state, rate] = a?.bytesPerSecond === undefined ? [a, b?.bytesPerSecond] : [b, a.bytesPerSecond];
  if (!rests && rate !== undefined && rate > 0 && state?.generation !== undefined && state.lanes !== undefined) {
    const expected = rawBytesPerSecond(state.generation, state.lanes);
    if (Math.abs(rate - expected) > rateTolerance * expected) {
      const texts = [`gen${state.generation} x${state.lanes}`, `${(rate / 1e9).toFixed(2)} GB/s`] as const;
      const [kept, other] = state === a ? texts : ([texts[1], texts[0]] as const);
      found.push({ what: 'its link runs at', a: kept, b: other });
    }
  }
  for (const [field, prefix] of [
    ['generation', 'gen'],
    ['lanes', 'x'],
  ] as const) {
    const [own, other] = [before.link?.capable?.[field], after.link?.capable?.[field]];
    // NCCL says what both ends can do.
    if (own === undefined || other === undefined || (isOnlyNccl ? other <= own : other === own)) continue;
    found.push({ what: 'it can do', a: `${prefix}${own}`, b: `${prefix}${other}` });
  }
  return found;
}

function sizesOfBoth(
  before: readonly ObservedBar[] = [],
  after: readonly ObservedBar[] = [],
): (readonly [index: number, a: number, b: number])[] {
  return before.flatMap(({ index, bytes }) => {
    const other = after.find((one) => one.index === index)?.bytes;
    return bytes === undefined || other === undefined ? [] : [[index, bytes, other] as const];
  });
}

/** Two accounts of what joins the same two devices beside PCIe. */
export function connectionContradictions(before: ObservedConnection, after: ObservedConnection): ObservedNote[] {
  const what = `${after.technology} from ${after.from} to ${after.to}`;
  const differ = (a: number | undefined, b: number | undefined) =>
    a !== undefined && b !== undefined && Math.abs(a - b) > 0.05 * Math.max(a, b);
  const message = (a: string, b: string) => ({
    line: null,
    subject: null,
    message: `one source says that ${what} is ${b}, another ${a}: the latter is kept`,
  });
  if (before.links !== after.links) return [message(`${before.links} links`, `${after.links} links`)];
  if (!differ(before.bytesPerSecond, after.bytesPerSecond)) return [];
  const text = (rate = 0) => `${(rate / 1e9).toFixed(1)} GB/s`;
  return [message(text(before.bytesPerSecond), text(after.bytesPerSecond))];
}

/** Tools that list every function there is. */
const listsAll: readonly string[] = ['sysfs', 'lspci', 'udevadm', 'qemu'];
/** A list that lacks more than this part of what another has is a list of some devices. */
const fewMissing = 0.2;

/** Functions that one tool lists and another does not, where both list all there are. */
export function missingFunctions(machines: readonly ObservedMachine[]): ObservedNote[] {
  const whole = machines.filter(({ formats }) => formats.some((format) => listsAll.includes(format)));
  const addressesOf = ({ functions }: ObservedMachine) =>
    new Set(functions.map(({ address }) => normaliseAddress(address) ?? address));
  const notes: ObservedNote[] = [];
  for (const one of whole) {
    const own = addressesOf(one);
    for (const other of whole) {
      if (other === one) continue;
      const missing = [...addressesOf(other)].filter((address) => !own.has(address));
      const [first] = missing;
      if (first === undefined || missing.length > fewMissing * other.functions.length) continue;
      const more = missing.length > 1 ? ` and ${missing.length - 1} more` : '';
      notes.push({
        line: null,
        subject: first,
        message: `${other.formats.join(' and ')} lists it${more}, ${one.formats.join(' and ')} does not: the sources may be of different times`,
      });
    }
  }
  return notes;
}
