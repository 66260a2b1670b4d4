import { nameAt } from '../places.ts';
import type { Rule } from '../rule.ts';

/** Strict mode invalidates the IO-TLB at every unmap. */
export const iommuStrictInvalidation: Rule = {
  code: 'iommu/strict-invalidation',
  title: 'Many I/O operations under strict invalidation',
  severity: 'warning',
  layer: 'performance',
  incidents: ['iommu-overhead'],
  checkMachine: ({ machine }, report) => {
    if (machine.linux.iommu !== 'translate' || machine.linux.invalidation !== 'strict') return;
    const drives = machine.components.filter((component) => component.settings.readIops !== undefined);
    const sum = drives.reduce((total, drive) => total + (drive.settings.readIops ?? 0), 0);
    const [first] = drives;
    if (first === undefined || sum <= 1e6) return;
    report({
      message: `The drives can do ${(sum / 1e6).toFixed(1)} M operations a second together; with strict invalidation every one of them waits for the IOMMU. Use lazy invalidation (iommu.strict=0) or passthrough.`,
      place: nameAt(first),
      subjects: drives.map((drive) => drive.name),
      price: { kind: 'invalidation', drives: drives.map((drive) => drive.id) },
    });
  },
};
