import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const languageUnknownMetric: Rule = {
  code: 'language/unknown-metric',
  title: 'An expectation about a figure that no run has',
  severity: 'error',
  layer: 'language',
  incidents: [],
};
