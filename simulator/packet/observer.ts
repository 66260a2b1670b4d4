import { type RunTracer, trackName } from '../trace/run-trace.ts';
import type { StationLabel } from './build.ts';
import type { PacketEngine, SendObserver } from './engine.ts';
import { lastTlpBytes, type Network } from './network.ts';

const second = 1e12;

/**
 * Hands every TLP that a station sends to a tracer, and how many stand behind it. False where it wants no more.
 *
 * @param names what the copy of each movement is called
 * @param passed picoseconds by which the engine's clock is behind
 */
export function packetTracer(
  engine: PacketEngine,
  network: Network,
  labels: readonly StationLabel[],
  names: ReadonlyMap<number, string>,
  trace: RunTracer,
  passed: () => number,
): (...sent: Parameters<SendObserver>) => boolean {
  const { table, totals } = engine;
  const tracks = labels.map(({ name, key }) => trackName(name, key));
  const queued = new Map<number, number>();
  return (stage, tlp, startPicoseconds, service) => {
    const lane = table.lane[stage] as number;
    const movement = network.movements[lane >> 1];
    const one = (lane & 1) === 1 ? movement?.requests : movement?.data;
    const track = tracks[table.station[stage] as number];
    if (one === undefined || track === undefined) return true;
    const copy = names.get(lane >> 1) ?? '';
    const bytes = tlp + 1 === totals[lane] ? lastTlpBytes(one) : one.unitBytes;
    const start = startPicoseconds + passed();
    const at = start / second;
    const name = `${tlpNames[one.class]} ${bytes} B ${copy}`;
    if (!trace.packet(track, name, at, (start + service) / second, `${lane} ${tlp}`)) return false;
    // What waits at a lane's first stage has not set out: that is no queue.
    const waiting = engine.waitingAt(stage) - 1;
    if (table.first[stage] === 1 || queued.get(stage) === waiting) return true;
    queued.set(stage, waiting);
    trace.queue(`${track}: ${copy}`, at, waiting);
    return true;
  };
}

/** Posted memory write, memory read, completion with data: the mnemonics of PCIe Base 5.0 section 2.2.1. */
const tlpNames = ['MWr', 'MRd', 'CplD'] as const;
