import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const workNoMachine: Rule = {
  code: 'work/no-machine',
  title: 'Work without a machine',
  severity: 'error',
  layer: 'language',
  incidents: [],
};
