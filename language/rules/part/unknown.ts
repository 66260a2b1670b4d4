import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const partUnknown: Rule = {
  code: 'part/unknown',
  title: 'A part that nobody declares',
  severity: 'error',
  layer: 'language',
  incidents: [],
};
