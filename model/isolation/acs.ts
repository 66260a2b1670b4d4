import { busAddress } from '../discovery/buses.ts';
import { type AcsBit, acsBits, ancestors, type Component, componentAt, type Machine } from '../machine.ts';
import type { Assumption } from '../origin.ts';
import { forcedBits, type NamedFunction, namesDevice } from './device-match.ts';
import { kernelAtLeast } from './kernel-version.ts';

/** ACS of one function as it stands after boot. */
export interface EffectiveAcs {
  /** Bits of the capability; null where there is none. */
  readonly capability: readonly AcsBit[] | null;
  /** Bits set in ACS Control. */
  readonly control: readonly AcsBit[];
  /** Whether the capability was assumed, since neither text nor part says. */
  readonly assumed: boolean;
  /** Who had the last word on the control bits. */
  readonly setBy: 'firmware' | 'kernel' | 'disable_acs_redir' | 'config_acs' | 'text' | 'nobody';
}

/** Bus address of a component, where enumeration knows it. Needed for the kernel's own parameter strings only. */
export type BdfOf = (component: number) => string | undefined;

/**
 * When ACS is looked at. `now`: after everything that the text says. `groups`: as the kernel finds it when it makes the
 * IOMMU groups, that is with an IOMMU, and before anybody clears or sets bits by hand.
 */
export type AcsMoment = 'now' | 'groups';

/**
 * What a port without a word about it is taken to be capable of: what root ports of Xeon and EPYC and downstream ports of
 * Broadcom PEX and Microchip Switchtec have in common in public `lspci -vvv` listings (SrcValid+ TransBlk+ ReqRedir+
 * CmpltRedir+ UpstreamFwd+). EgressCtrl and DirectTrans differ between them.
 */
export const assumedCapability: readonly AcsBit[] = ['SV', 'TB', 'RR', 'CR', 'UF'];

/** pci_std_enable_acs sets these where the function is capable (Linux 6.1 and 7.2, drivers/pci/pci.c). */
const kernelBits: readonly AcsBit[] = ['SV', 'RR', 'CR', 'UF'];

/** The bits that send peer traffic away from the shortest way: what pci_bridge_has_acs_redir tests. */
export const redirectBits: readonly AcsBit[] = ['RR', 'CR', 'EC'];

const kept: Readonly<Record<AcsMoment, WeakMap<Machine, (EffectiveAcs | undefined)[]>>> = {
  now: new WeakMap(),
  groups: new WeakMap(),
};

/**
 * ACS in the order in which it comes about: firmware, taken to leave every bit clear; the kernel's own enabling (in every
 * mode but `iommu off`); `disable_acs_redir` and `config_acs`; what the text says was done after boot.
 *
 * @param bdfOf bus addresses, for kernel parameters that name devices by them; our own enumeration where absent
 */
export function effectiveAcs(machine: Machine, id: number, bdfOf?: BdfOf, moment: AcsMoment = 'now'): EffectiveAcs {
  if (bdfOf !== undefined) return decide(machine, id, bdfOf, moment);
  let all = kept[moment].get(machine);
  if (all === undefined) {
    all = [];
    kept[moment].set(machine, all);
  }
  const known = all[id];
  if (known !== undefined) return known;
  const made = decide(machine, id, (one) => busAddress(machine, one), moment);
  all[id] = made;
  return made;
}

function decide(machine: Machine, id: number, bdfOf: BdfOf, moment: AcsMoment): EffectiveAcs {
  const component = componentAt(machine, id);
  const isPort = component.kind === 'root-port' || component.kind === 'port';
  const stated = typeof component.acs === 'string' ? null : component.acs;
  const said = component.acsCapability;
  // What a switch says holds for its ports; an upstream port by itself has no ACS (PCIe Base 5.0 section 6.12.1).
  const never = component.kind === 'switch' || component.kind === 'bridge' || component.acs === 'none';
  if (never || (!isPort && said === null && stated === null)) {
    return { capability: null, control: [], assumed: false, setBy: 'nobody' };
  }
  const capability = acsBits.filter((bit) => (said ?? assumedCapability).includes(bit) || stated?.includes(bit));
  const result = (control: readonly AcsBit[], setBy: EffectiveAcs['setBy']): EffectiveAcs => ({
    capability,
    control: acsBits.filter((bit) => control.includes(bit) && capability.includes(bit)),
    assumed: said === null,
    setBy,
  });
  if (moment === 'now') {
    if (component.acs === 'off') return result([], 'text');
    if (stated !== null) return result(stated, 'text');
  }
  const boot = atBoot(machine, component, bdfOf, moment);
  return result(boot.control, boot.setBy);
}

/** pci_enable_acs, with what the command line makes of it. */
function atBoot(
  machine: Machine,
  component: Component,
  bdfOf: BdfOf,
  moment: AcsMoment,
): Pick<EffectiveAcs, 'control' | 'setBy'> {
  const { linux } = machine;
  let control: readonly AcsBit[] = [];
  let setBy: EffectiveAcs['setBy'] = 'firmware';
  if (moment === 'groups' ? linux.iommu !== 'off' : linux.iommu !== undefined && linux.iommu !== 'off') {
    // Translation Blocking too where strangers may be plugged in, and for all below (set_pcie_untrusted).
    const untrusted = ancestors(machine, component.id).some((one) => one.settings.externalFacing === true);
    control = untrusted ? [...kernelBits, 'TB'] : kernelBits;
    setBy = 'kernel';
  }
  if (linux.disableAcsRedirComponents.length + linux.disableAcsRedir.length + linux.configAcs.length === 0) {
    return { control, setBy };
  }
  const device = nameOf(machine, component, bdfOf);
  // Since Linux 6.11 both parameters start again from what firmware left, so that SV and UF are lost as well.
  const restarts = kernelAtLeast(linux, '6.11');
  if (linux.disableAcsRedirComponents.includes(component.id) || namesDevice(linux.disableAcsRedir.join(';'), device)) {
    control = restarts ? [] : control.filter((bit) => !redirectBits.includes(bit));
    setBy = 'disable_acs_redir';
  }
  // `config_acs` came with Linux 6.11; older kernels do not know it.
  const forced = restarts ? forcedBits(linux.configAcs.join(';'), device) : null;
  if (forced !== null) {
    control = acsBits.filter((_, bit) => (forced.mask & forced.flags & (1 << bit)) !== 0);
    setBy = 'config_acs';
  }
  return { control, setBy };
}

function nameOf(machine: Machine, component: Component, bdfOf: BdfOf): NamedFunction {
  const { vendorId, deviceId, subsystemVendorId, subsystemDeviceId } = component.settings;
  const chain = ancestors(machine, component.id).filter((one) => one.kind !== 'socket' && one.kind !== 'chipset');
  return { vendorId, deviceId, subsystemVendorId, subsystemDeviceId, addresses: chain.map((one) => bdfOf(one.id)) };
}

/** The bits by which a function sends peer requests or completions up instead of across. */
export function redirects(machine: Machine, id: number, bdfOf?: BdfOf): AcsBit[] {
  const { control } = effectiveAcs(machine, id, bdfOf);
  return redirectBits.filter((bit) => control.includes(bit));
}

/** Ports whose ACS capability rests on a default, in one sentence; none where every part says. */
export function acsAssumptions(machine: Machine): Assumption[] {
  const ports = machine.components.filter(
    ({ kind, id }) => (kind === 'root-port' || kind === 'port') && effectiveAcs(machine, id).assumed,
  );
  if (ports.length === 0) return [];
  const message = `${ports.length} ports do not say what ACS they are capable of: ${assumedCapability.join(' ')} assumed.`;
  return [{ at: null, field: 'acsCapability', message }];
}
