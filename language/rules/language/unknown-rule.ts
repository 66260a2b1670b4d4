import type { Rule } from '../rule.ts';

/** The code after `allow` or `expect finding` names no rule. */
export const languageUnknownRule: Rule = {
  code: 'language/unknown-rule',
  title: 'A rule that there is not',
  severity: 'error',
  layer: 'language',
  incidents: [],
};
