import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const partWrongKind: Rule = {
  code: 'part/wrong-kind',
  title: 'A component with a part of another kind',
  severity: 'error',
  layer: 'language',
  incidents: [],
};
