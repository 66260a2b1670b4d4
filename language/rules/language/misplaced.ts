import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const languageMisplaced: Rule = {
  code: 'language/misplaced',
  title: 'A statement that cannot stand where it stands',
  severity: 'error',
  layer: 'language',
  incidents: [],
};
