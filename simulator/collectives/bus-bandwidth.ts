/** Collectives by the names of the language. */
export const collectiveKinds = ['all-reduce', 'all-gather', 'reduce-scatter', 'broadcast', 'all-to-all'] as const;
export type CollectiveKind = (typeof collectiveKinds)[number];

export const isCollective = (word: unknown): word is CollectiveKind => collectiveKinds.some((kind) => kind === word);

/**
 * Bus bandwidth over algorithm bandwidth (size over time), so that the figure is that of a link, whatever the number of
 * ranks. Source: NVIDIA/nccl-tests, doc/PERFORMANCE.md, "Bus bandwidth".
 */
export function busFactor(kind: CollectiveKind, ranks: number): number {
  if (ranks < 2) return 1;
  switch (kind) {
    case 'all-reduce':
      return (2 * (ranks - 1)) / ranks;
    case 'all-gather':
    case 'reduce-scatter':
    case 'all-to-all':
      return (ranks - 1) / ranks;
    case 'broadcast':
      return 1;
  }
}
