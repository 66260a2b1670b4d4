import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const linkIllegalWidth: Rule = {
  code: 'link/illegal-width',
  title: 'A width that does not exist',
  severity: 'error',
  layer: 'link',
  incidents: [],
};
