import type { Machine } from '../../model/machine.ts';

/** CONFIG_NR_CPUS with MAXSMP, arch/x86/Kconfig. */
const mostCores = 8192;

/** Cores of a machine, numbered socket after socket. */
export interface HostCores {
  readonly count: number;
  readonly firstOf: ReadonlyMap<number, { readonly first: number; readonly count: number }>;
  readonly assumptions: readonly string[];
}

/** @param wanted cores that jobs name or need; sockets that do not say how many they have get as many */
export function hostCores(machine: Machine, wanted: number): HostCores {
  const firstOf = new Map<number, { first: number; count: number }>();
  const assumptions: string[] = [];
  let first = 0;
  for (const socket of machine.components) {
    if (socket.kind !== 'socket') continue;
    const count = Math.min(mostCores, socket.settings.cores ?? Math.max(8, wanted));
    if (socket.settings.cores === undefined)
      assumptions.push(`${socket.name}: number of cores unknown, taken as ${count}.`);
    firstOf.set(socket.id, { first, count });
    first += count;
  }
  return { count: Math.max(1, first), firstOf, assumptions };
}

/** The socket that a core is in; null for a core that no socket has. */
export function socketOfCore(cores: HostCores, core: number): number | null {
  for (const [socket, { first, count }] of cores.firstOf) if (core >= first && core < first + count) return socket;
  return null;
}
