import { isEndpoint, type Machine } from '../../model/machine.ts';

/** What the machine does not say and a reader would look for, a sentence each. */
export function unknownsOf(machine: Machine): string[] {
  const sentences: string[] = [];
  const ends = machine.components.filter(({ kind }) => kind === 'root-port' || kind === 'port' || kind === 'switch');
  const devices = machine.components.filter((one) => isEndpoint(one) && machine.linkAbove[one.id] !== -1);
  const silent = [...ends, ...devices].filter(
    ({ settings }) => settings.generation === undefined && settings.lanes === undefined,
  );
  if (silent.length > 0) {
    sentences.push(`Unknown: what ${silent.length} of ${ends.length + devices.length} ends of links can do.`);
  }
  const sockets = machine.components.filter((one) => one.kind === 'socket');
  // Sockets with bus numbers were read from a real machine, whose nodes matter.
  const isReal = sockets.some(({ settings }) => settings.bus !== undefined);
  if (isReal && sockets.length > 1 && sockets.every(({ settings }) => settings.numaNode === undefined)) {
    sentences.push('Unknown: which NUMA node each socket is.');
  }
  const unplaced = sockets.filter(({ settings }) => settings.numaNode === undefined);
  if (isReal && unplaced.length > 0 && unplaced.length < sockets.length) {
    sentences.push(
      `Unknown: on which NUMA node ${unplaced.map(({ label }) => label).join(', ')} ${unplaced.length > 1 ? 'are' : 'is'}.`,
    );
  }
  return sentences;
}
