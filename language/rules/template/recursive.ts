import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const templateRecursive: Rule = {
  code: 'template/recursive',
  title: 'A template that uses itself',
  severity: 'error',
  layer: 'language',
  incidents: [],
};
