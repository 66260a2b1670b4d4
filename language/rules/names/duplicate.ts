import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const namesDuplicate: Rule = {
  code: 'names/duplicate',
  title: 'Two things of one name',
  severity: 'error',
  layer: 'language',
  incidents: [],
};
