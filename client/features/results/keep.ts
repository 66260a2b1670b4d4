import { RestoreRun, type RunRecord } from '../../../server/protocol.ts';
import type { Host } from '../../core/feature.ts';

const stateKey = 'pcie.lastRuns';
/** Runs that outlive the window: the last of so many subjects, if they are not larger than this in all. */
const mostRuns = 4;
const mostCharacters = 1_500_000;

interface Kept {
  /** Of the extension: another may have other records. */
  readonly version: string;
  readonly records: readonly RunRecord[];
}

/** Keeps the last runs beyond the window, and gives them back to a server that begins anew. */
export function keepRuns(host: Host): void {
  const { context, runs, server } = host;
  const version = String((context.extension?.packageJSON as { version?: unknown } | undefined)?.version ?? '');
  const before = context.workspaceState.get<Kept>(stateKey);
  let restored = before?.version !== version;
  const save = (): void => {
    const subjects = new Map<string, RunRecord>();
    for (const { record } of runs.all.toReversed()) {
      const key = JSON.stringify([record.uri, record.name]);
      if (!subjects.has(key)) subjects.set(key, record);
    }
    const records: RunRecord[] = [];
    let left = mostCharacters;
    for (const record of [...subjects.values()].slice(0, mostRuns)) {
      left -= JSON.stringify(record).length;
      if (left < 0) break;
      records.push(record);
    }
    void context.workspaceState.update(stateKey, { version, records } satisfies Kept);
  };
  host.own(
    runs.onDidChange((change) => {
      if (change.kind === 'added') save();
    }),
    server.onDidChangeState((state) => {
      if (state !== 'running') return;
      for (const { key, record } of runs.all) {
        if (runs.last(record)?.key === key) void giveBack(host, record, (known) => runs.renew(key, known));
      }
      if (restored) return;
      restored = true;
      // The oldest first, so that the newest is the last that is shown.
      for (const record of (before?.records ?? []).toReversed())
        void giveBack(host, record, (known) => runs.restore(known));
    }),
  );
}

/** A run whose document is gone is of no use any more. */
async function giveBack(host: Host, record: RunRecord, take: (known: RunRecord) => void): Promise<void> {
  try {
    take(await host.server.request(RestoreRun, { record }));
  } catch (error) {
    host.log.debug(`The run of ${record.uri} could not be given back.`, error instanceof Error ? error.message : '');
  }
}
