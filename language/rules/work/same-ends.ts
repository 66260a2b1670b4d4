import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const workSameEnds: Rule = {
  code: 'work/same-ends',
  title: 'A transfer from a thing to itself',
  severity: 'warning',
  layer: 'language',
  incidents: [],
};
