import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const partNoKind: Rule = {
  code: 'part/no-kind',
  title: 'A part that does not say what it is',
  severity: 'error',
  layer: 'language',
  incidents: [],
};
