import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const languageTooDeep: Rule = {
  code: 'language/too-deep',
  title: 'Blocks nested too deep',
  severity: 'error',
  layer: 'language',
  incidents: [],
};
