import type { Rule } from '../rule.ts';

/** Whoever reads the file later wants to know why the rule does not count here. */
export const languageAllowWithoutReason: Rule = {
  code: 'language/allow-without-reason',
  title: 'A rule silenced without a reason',
  severity: 'warning',
  layer: 'language',
  incidents: [],
};
