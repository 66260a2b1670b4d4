import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const templateUnknownParameter: Rule = {
  code: 'template/unknown-parameter',
  title: 'A parameter that stands for nothing here',
  severity: 'error',
  layer: 'language',
  incidents: [],
};
