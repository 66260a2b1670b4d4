import type { Rule } from '../rule.ts';

/** Found where imports are followed; this says how bad it is. */
export const importNotPcie: Rule = {
  code: 'import/not-pcie',
  title: 'An import of a file that is not .pcie',
  severity: 'error',
  layer: 'language',
  incidents: [],
};
