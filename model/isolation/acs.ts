import { busAddress } from '../discovery/buses.ts';
import { type AcsBit, acsBits, type Component, componentAt, type Machine } from '../machine.ts';

/** ACS of one port as it stands after boot. */
export interface EffectiveAcs {
  /** Bits of the capability; null where the port has none. */
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
 * What a port without a word about it is taken to be capable of: the four bits that Linux sets, and Translation
 * Blocking. Server root ports and the common switch chips show at least these in `lspci -vvv`.
 */
export const assumedCapability: readonly AcsBit[] = ['SV', 'TB', 'RR', 'CR', 'UF'];

/** pci_enable_acs sets these where the port is capable (Linux 6.1 and 7.2, drivers/pci/pci.c). */
const kernelBits: readonly AcsBit[] = ['SV', 'RR', 'CR', 'UF'];
/** The bits that send peer traffic away from the shortest way: what pci_bridge_has_acs_redir tests. */
export const redirectBits: readonly AcsBit[] = ['RR', 'CR', 'EC'];

/**
 * ACS in the order in which it comes about: firmware; the kernel's own enabling (in every mode but `iommu off`);
 * `disable_acs_redir` and `config_acs`; what the text says was done after boot.
 *
 * @param at `boot`: before anybody cleared or set bits by hand, which is when the kernel makes the IOMMU groups
 */
export function effectiveAcs(
  machine: Machine,
  id: number,
  bdfOf: BdfOf = (one) => busAddress(machine, one),
  at: 'boot' | 'now' = 'now',
): EffectiveAcs {
  const component = componentAt(machine, id);
  const isPort = component.kind === 'root-port' || component.kind === 'port';
  const said = component.acsCapability;
  const stated = Array.isArray(component.acs) ? (component.acs as readonly AcsBit[]) : null;
  if (component.acs === 'none' || (!isPort && said === null && stated === null)) {
    return { capability: null, control: [], assumed: false, setBy: 'nobody' };
  }
  const capability = said ?? acsBits.filter((bit) => assumedCapability.includes(bit) || stated?.includes(bit));
  const assumed = said === null;
  if (component.acs === 'off' && at === 'now') return { capability, control: [], assumed, setBy: 'text' };
  if (stated !== null && at === 'now') return { capability, control: stated, assumed, setBy: 'text' };

  let control: readonly AcsBit[] = [];
  let setBy: EffectiveAcs['setBy'] = 'firmware';
  if (machine.linux.iommu !== undefined && machine.linux.iommu !== 'off') {
    control = kernelBits.filter((bit) => capability.includes(bit));
    if (component.settings.externalFacing === true && capability.includes('TB')) control = [...control, 'TB'];
    setBy = 'kernel';
  }
  const names = (specification: string) => matchesDevice(specification, component, bdfOf(id));
  if (machine.linux.disableAcsRedirComponents.includes(id) || machine.linux.disableAcsRedir.some(names)) {
    control = control.filter((bit) => !redirectBits.includes(bit));
    setBy = 'disable_acs_redir';
  }
  for (const parameter of machine.linux.configAcs) {
    const configured = applyConfigAcs(parameter, control, capability, names);
    if (configured === null) continue;
    control = configured;
    setBy = 'config_acs';
  }
  return { capability, control: acsBits.filter((bit) => control.includes(bit)), assumed, setBy };
}

/** Whether the port sends peer requests or completions up instead of across. */
export function redirects(machine: Machine, id: number, bdfOf?: BdfOf): AcsBit[] {
  const { control } = effectiveAcs(machine, id, bdfOf);
  return redirectBits.filter((bit) => control.includes(bit));
}

/**
 * Whether one of the devices of a kernel parameter is this one: `[<domain>:]<bus>:<device>.<function>` or
 * `pci:<vendor>:<device>[:<subvendor>:<subdevice>]`, several separated by `;` (kernel-parameters, `pci=`).
 */
export function matchesDevice(specification: string, component: Component, bdf: string | undefined): boolean {
  return specification.split(';').some((one) => {
    const text = one.trim().toLowerCase();
    const ids = /^pci:([0-9a-f]+):([0-9a-f]+)/.exec(text);
    if (ids !== null) {
      const fits = (digits: string | undefined, value: number | undefined) => {
        const wanted = Number.parseInt(digits ?? '0', 16);
        return wanted === 0 || wanted === value;
      };
      return fits(ids[1], component.settings.vendorId) && fits(ids[2], component.settings.deviceId);
    }
    return bdf !== undefined && (text === bdf || `0000:${text}` === bdf);
  });
}

/** `config_acs=<bits>@<devices>`: the last character is bit 0; `x` leaves a bit as it is. Null: not about this device. */
function applyConfigAcs(
  parameter: string,
  control: readonly AcsBit[],
  capability: readonly AcsBit[],
  names: (specification: string) => boolean,
): readonly AcsBit[] | null {
  const at = parameter.indexOf('@');
  if (at < 0 || !names(parameter.slice(at + 1))) return null;
  const flags = [...parameter.slice(0, at)].reverse();
  return acsBits.filter((bit, index) => {
    if (!capability.includes(bit)) return false;
    const flag = flags[index];
    return flag === '1' || (flag !== '0' && control.includes(bit));
  });
}
