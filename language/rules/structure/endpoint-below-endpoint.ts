import type { Rule } from '../rule.ts';

/** Found while the text is elaborated; this says how bad it is. The page tells more. */
export const structureEndpointBelowEndpoint: Rule = {
  code: 'structure/endpoint-below-endpoint',
  title: 'A device below a device',
  severity: 'error',
  layer: 'link',
  incidents: [],
};
