import type { Rule } from '../rule.ts';

/** Found where imports are followed; this says how bad it is. */
export const importNotFound: Rule = {
  code: 'import/not-found',
  title: 'An import of a file that is not there',
  severity: 'error',
  layer: 'language',
  incidents: [],
};
