import { componentAt } from '../../../model/machine.ts';
import { detours } from '../peer-findings.ts';
import type { Rule } from '../rule.ts';

/** A drive and a GPU copy directly, and share no switch. */
export const p2pStorageThroughRootComplex: Rule = {
  code: 'p2p/storage-through-root-complex',
  title: 'A drive and a GPU without a switch in common',
  severity: 'information',
  layer: 'performance',
  incidents: ['iommu-p2p', 'numa-cross-socket'],
  checkMachine: (elaborated, report) => {
    const { machine } = elaborated;
    for (const { copy, route } of detours(elaborated)) {
      const ends = [componentAt(machine, copy.from.component), componentAt(machine, copy.to.component)];
      if (!ends.some(({ kind }) => kind === 'nvme') || !ends.some(({ kind }) => kind === 'gpu')) continue;
      if (route.route !== 'host-bridge' || route.class === 'PIX' || route.class === 'PXB') continue;
      const names = ends.map(({ name }) => name);
      report({
        message: `${names.join(' and ')} share no switch: the data passes the root complex, which carries less than a switch on many hosts, and works only while the IOMMU is off or in passthrough.`,
        place: { origin: copy.origin },
        subjects: names,
        price: { kind: 'near', from: copy.from.component, to: copy.to.component },
      });
    }
  },
};
