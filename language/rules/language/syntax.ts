import type { Rule } from '../rule.ts';

/** A line that cannot be read. */
export const languageSyntax: Rule = {
  code: 'language/syntax',
  title: 'Text that the language does not have',
  severity: 'error',
  layer: 'language',
  incidents: [],
};
