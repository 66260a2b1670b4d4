import { ancestors, type Component, componentAt, type Machine } from '../machine.ts';
import { effectiveAcs } from './acs.ts';

/**
 * Whether a device asks for translations and then sends requests that carry them (ATS, PCI Express Base Specification 5.0,
 * chapter 10). `blockedBy` is the port on its way up that keeps it from that: one that says `ats off`, or one whose ACS
 * Translation Blocking refuses requests that claim to be translated (6.12.1.1); null where none does.
 */
export interface TranslatedRequests {
  readonly used: boolean;
  readonly blockedBy: Component | null;
}

export function translatedRequests(machine: Machine, device: number): TranslatedRequests {
  const { kind, settings } = componentAt(machine, device);
  if (settings.ats !== true || kind === 'socket') return { used: false, blockedBy: null };
  const [, ...above] = ancestors(machine, device);
  const blockedBy =
    above.find((one) => {
      const isPort = one.kind === 'port' || one.kind === 'root-port';
      return one.settings.ats === false || (isPort && effectiveAcs(machine, one.id).control.includes('TB'));
    }) ?? null;
  return { used: blockedBy === null, blockedBy };
}
