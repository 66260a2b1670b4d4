import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const workNotSimulated: Rule = {
  code: 'work/not-simulated',
  title: 'Work that is understood but not simulated yet',
  severity: 'information',
  layer: 'language',
  incidents: [],
};
