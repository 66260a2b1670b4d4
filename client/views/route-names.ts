import type { RouteKind } from '../../model/route/types.ts';

/** What the data does between two devices. */
export const routeNames: Readonly<Record<RouteKind, string>> = {
  direct: 'peer to peer',
  'host-bridge': 'through the host bridge',
  'host-memory': 'through host memory',
  none: 'no route',
};

const isMemory = (name: string): boolean => name === 'memory' || name.endsWith('.memory');

/** The route between two ends in words: only devices are peers. */
export const routeWords = (between: {
  readonly route: RouteKind;
  readonly from: string;
  readonly to: string;
}): string =>
  between.route === 'direct' && (isMemory(between.from) || isMemory(between.to)) ? 'direct' : routeNames[between.route];
