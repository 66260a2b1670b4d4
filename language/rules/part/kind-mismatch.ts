import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const partKindMismatch: Rule = {
  code: 'part/kind-mismatch',
  title: 'A part that inherits from one of another kind',
  severity: 'error',
  layer: 'language',
  incidents: [],
};
