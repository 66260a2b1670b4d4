import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const templateUnknown: Rule = {
  code: 'template/unknown',
  title: 'A template that nobody declares',
  severity: 'error',
  layer: 'language',
  incidents: [],
};
