import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const templateMissingArgument: Rule = {
  code: 'template/missing-argument',
  title: 'A parameter without a value',
  severity: 'error',
  layer: 'language',
  incidents: [],
};
