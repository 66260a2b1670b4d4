import type { Rule } from '../rule.ts';

/** Found where imports are followed; this says how bad it is. */
export const importOutsideWorkspace: Rule = {
  code: 'import/outside-workspace',
  title: 'An import from outside the workspace',
  severity: 'error',
  layer: 'language',
  incidents: [],
};
