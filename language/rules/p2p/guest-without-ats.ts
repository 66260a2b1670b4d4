import { functionAddress } from '../../../model/discovery/buses.ts';
import { effectiveAcs } from '../../../model/isolation/acs.ts';
import { translatedRequests } from '../../../model/isolation/translated-requests.ts';
import { componentAt } from '../../../model/machine.ts';
import { detours } from '../peer-findings.ts';
import type { Rule } from '../rule.ts';

/** Two devices of one guest share a switch, and what they send each other goes up to the IOMMU all the same. */
export const p2pGuestWithoutAts: Rule = {
  code: 'p2p/guest-without-ats',
  title: 'Peers of a guest without translated requests',
  severity: 'warning',
  layer: 'kernel',
  incidents: ['acs-p2p', 'iommu-p2p'],
  checkMachine: (elaborated, report) => {
    const { machine } = elaborated;
    const told = new Set<unknown>();
    for (const { copy, route, within } of detours(elaborated)) {
      // The first pair of a collective speaks for the others.
      if (within !== undefined && told.has(within)) continue;
      if (route.class !== 'PIX' && route.class !== 'PXB') continue;
      if (!route.reasons.some(({ code }) => code === 'iommu/maps-peers')) continue;
      const ends = [copy.from.component, copy.to.component];
      const guest = machine.virtualMachines.find(({ devices }) => ends.every((id) => devices.includes(id)));
      if (guest === undefined) continue;
      const names = ends.map((id) => componentAt(machine, id).name);
      const without = ends.filter((id) => componentAt(machine, id).settings.ats !== true);
      const ports = machine.components.filter(
        ({ id, name }) =>
          route.reasons.some(({ code, at }) => code === 'acs/redirect' && at === name) &&
          !effectiveAcs(machine, id).control.includes('DT'),
      );
      const blocking = new Set(ends.flatMap((id) => translatedRequests(machine, id).blockedBy?.name ?? []));
      const lacks = [
        ...(without.length === 0 ? [] : [`ATS at ${without.map((id) => componentAt(machine, id).name).join(' and ')}`]),
        ...(blocking.size === 0
          ? []
          : [`a way past ${[...blocking].join(' and ')}, which refuses translated requests`]),
        ...(ports.length === 0 ? [] : [`DirectTrans at ${ports.map(({ name }) => name).join(' and ')}`]),
      ];
      if (lacks.length === 0) continue;
      told.add(within);
      report({
        message: `${guest.name} holds ${names.join(' and ')}, which share a switch, and their data goes up to the root complex to be translated. For the short way it lacks ${lacks.join(', and ')}.`,
        place: { origin: copy.origin },
        subjects: [guest.name, ...names, ...ports.map(({ name }) => name)],
        remedies: [
          { kind: 'firmware', text: 'ATS enabled in both devices (adapters: mlxconfig ATS_ENABLED=1)' },
          ...ports.map(({ id, name }) => ({
            kind: 'command' as const,
            text: `setpci -s ${functionAddress(machine, id, 0) ?? `<address of ${name}>`} ECAP_ACS+6.w=40:40`,
          })),
        ],
      });
    }
  },
};
