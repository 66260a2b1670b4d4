import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const structureTooLarge: Rule = {
  code: 'structure/too-large',
  title: 'A machine of impossible size',
  severity: 'error',
  layer: 'language',
  incidents: [],
};
