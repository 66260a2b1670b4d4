import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const linkIllegalGeneration: Rule = {
  code: 'link/illegal-generation',
  title: 'A generation that does not exist',
  severity: 'error',
  layer: 'link',
  incidents: [],
};
