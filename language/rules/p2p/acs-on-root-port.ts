import { functionAddress } from '../../../model/discovery/buses.ts';
import { effectiveAcs, redirectBits } from '../../../model/isolation/acs.ts';
import type { Component, Machine } from '../../../model/machine.ts';
import { pciChain } from '../../../model/peer/mapping.ts';
import { detours } from '../peer-findings.ts';
import { nameAt } from '../places.ts';
import type { Rule } from '../rule.ts';

/** Peers below different root ports, one of which has been told to redirect. */
export const p2pAcsOnRootPort: Rule = {
  code: 'p2p/acs-on-root-port',
  title: 'ACS redirect set on the root port of a peer',
  severity: 'warning',
  layer: 'kernel',
  incidents: ['acs-p2p'],
  checkMachine: (elaborated, report) => {
    const { machine } = elaborated;
    const isolated = new Set(machine.virtualMachines.flatMap(({ devices }) => devices));
    if (machine.linux.isolation === true) return;
    const told = new Map<Component, Set<string>>();
    for (const { copy, route } of detours(elaborated)) {
      if (route.class === 'PIX' || route.class === 'PXB') continue;
      // Where something else keeps the two apart, the bits change nothing.
      if (route.reasons.some(({ code }) => code === 'driver/no-peer' || code === 'iommu/translate')) continue;
      const ends = [copy.from.component, copy.to.component];
      if (ends.some((id) => isolated.has(id))) continue;
      for (const id of ends) {
        const port = pciChain(machine, id).at(-1);
        if (port?.kind !== 'root-port' || !isSetByHand(machine, port)) continue;
        const devices = told.get(port) ?? new Set();
        for (const end of ends) devices.add(machine.components[end]?.name ?? '');
        told.set(port, devices);
      }
    }
    for (const [port, devices] of told) {
      const bits = redirectBits.filter((bit) => effectiveAcs(machine, port.id).control.includes(bit));
      const address = functionAddress(machine, port.id, 0);
      report({
        message: `ACS Control of root port ${port.name} has ${bits.join(', ')} set: every request between ${[...devices].join(' and ')} goes through the IOMMU's translation, and drivers may refuse to share buffers (DMA-BUF). It is cleared at boot, since IOMMU groups form once.`,
        place: nameAt(port),
        subjects: [port.name, ...devices],
        remedies:
          address === undefined
            ? []
            : [
                // EgressCtrl, CmpltRedir and ReqRedir off, the rest as it is: bits from Direct Translated P2P to Source Validation.
                { kind: 'kernel-parameter', text: `pci=config_acs=x0x00xx@${address}` },
                { kind: 'kernel-parameter', text: `pci=disable_acs_redir=${address}` },
              ],
      });
    }
  },
};

/** Whether redirection was asked for, and is not the kernel's own doing on every port. */
function isSetByHand(machine: Machine, port: Component): boolean {
  const { control, setBy } = effectiveAcs(machine, port.id);
  return (setBy === 'text' || setBy === 'config_acs') && redirectBits.some((bit) => control.includes(bit));
}
