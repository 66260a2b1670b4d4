import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const workMissingSize: Rule = {
  code: 'work/missing-size',
  title: 'A transfer of unknown size',
  severity: 'error',
  layer: 'language',
  incidents: [],
};
