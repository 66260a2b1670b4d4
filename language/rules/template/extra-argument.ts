import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const templateExtraArgument: Rule = {
  code: 'template/extra-argument',
  title: 'An argument that the template does not take',
  severity: 'error',
  layer: 'language',
  incidents: [],
};
