import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const workEmpty: Rule = {
  code: 'work/empty',
  title: 'Work that moves nothing',
  severity: 'error',
  layer: 'language',
  incidents: [],
};
