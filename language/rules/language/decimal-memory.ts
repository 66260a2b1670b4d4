import { replaceAt, saidAt } from '../places.ts';
import type { Rule } from '../rule.ts';

/** Memory comes in powers of two: an 80 GB GPU has 80 GiB in the sense of BARs and addresses. */
export const languageDecimalMemory: Rule = {
  code: 'language/decimal-memory',
  title: 'Memory in decimal units',
  severity: 'information',
  layer: 'language',
  incidents: [],
  checkMachine: ({ machine }, report) => {
    for (const component of machine.components) {
      for (const [field, name] of [
        ['vramBytes', 'vram'],
        ['memoryBytes', 'memory'],
      ] as const) {
        const bytes = component.settings[field];
        if (bytes === undefined || bytes % 1e9 !== 0 || bytes % 2 ** 30 === 0) continue;
        const count = bytes / 1e9;
        const only = field === 'vramBytes' || component.said.memoryBytes !== component.said.memoryBytesPerSecond;
        report({
          message: `${count} GB is ${(bytes / 2 ** 30).toFixed(1)} GiB. Memory comes in GiB: did you mean ${name} ${count} GiB?`,
          place: saidAt(component, field),
          subjects: [component.name],
          fixes: only ? replaceAt(component, field, `Write ${name} ${count} GiB`, `${name} ${count} GiB`) : [],
        });
      }
    }
  },
};
