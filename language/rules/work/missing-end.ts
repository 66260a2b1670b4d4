import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const workMissingEnd: Rule = {
  code: 'work/missing-end',
  title: 'A transfer that comes from nowhere or goes nowhere',
  severity: 'error',
  layer: 'language',
  incidents: [],
};
