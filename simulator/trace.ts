import type { SimulationResult } from './simulate.types.ts';

interface TraceEvent {
  readonly name: string;
  readonly ph: 'X' | 'M';
  readonly pid: number;
  readonly tid: number;
  readonly ts?: number;
  readonly dur?: number;
  readonly args: Readonly<Record<string, unknown>>;
}

/**
 * Runs as Chrome trace JSON, which Perfetto opens: a process a run, a track a transfer and a stream. Times in
 * microseconds, as the format asks (Trace Event Format).
 */
export function chromeTrace(result: SimulationResult): string {
  const events: TraceEvent[] = [];
  result.runs.forEach((run, pid) => {
    events.push({ name: 'process_name', ph: 'M', pid, tid: 0, args: { name: run.name } });
    const tracks = new Map<string, number>();
    const track = (name: string): number => {
      const known = tracks.get(name);
      if (known !== undefined) return known;
      const tid = tracks.size + 1;
      tracks.set(name, tid);
      events.push({ name: 'thread_name', ph: 'M', pid, tid, args: { name } });
      return tid;
    };
    const add = (
      trackName: string,
      name: string,
      start: number,
      end: number,
      args: Readonly<Record<string, unknown>>,
    ) => {
      if (!Number.isFinite(end)) return;
      events.push({ name, ph: 'X', pid, tid: track(trackName), ts: start * 1e6, dur: (end - start) * 1e6, args });
    };
    for (const transfer of run.transfers) {
      const { route, bytes, bottleneck } = transfer;
      add(transfer.name, transfer.name, transfer.startSeconds, transfer.endSeconds, { route, bytes, bottleneck });
      for (const phase of transfer.phases) {
        add(transfer.name, `limited by ${phase.limitedBy}`, phase.startSeconds, phase.endSeconds, {
          bytesPerSecond: phase.bytesPerSecond,
        });
      }
    }
    for (const operation of run.operations) {
      add(
        `${operation.process}.${operation.stream}`,
        operation.label,
        operation.startSeconds,
        operation.endSeconds,
        {},
      );
    }
  });
  return `${JSON.stringify({ displayTimeUnit: 'ns', otherData: { seed: result.seed, fidelity: result.fidelity }, traceEvents: events })}\n`;
}
