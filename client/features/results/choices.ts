import type { KeptRun } from '../../core/run-book.ts';
import type { RunChoice, ShownRun } from '../../views/results/messages.ts';

/** The last segment of a URI, for people. */
export function fileName(uri: string): string {
  const path = uri.replace(/[?#].*$/, '');
  // What was never saved has no folder: `untitled:Untitled-1`.
  const slash = path.lastIndexOf('/');
  const last = path.slice((slash < 0 ? path.indexOf(':') : slash) + 1);
  try {
    return decodeURIComponent(last);
  } catch {
    return last;
  }
}

/** The runs to choose from, the latest first. Several runs of the same thing are numbered. */
export function runChoices(runs: readonly KeptRun[]): readonly RunChoice[] {
  const total = new Map<string, number>();
  const labelled = runs.map((run) => {
    const { name, uri, variants } = run.record;
    const what = variants.length > 1 ? `${name ?? 'All work'}, compared` : (name ?? 'All work');
    const label = `${what} – ${fileName(uri)}`;
    const number = (total.get(label) ?? 0) + 1;
    total.set(label, number);
    return { run, label, number };
  });
  return labelled
    .map(({ run, label, number }) => ({
      key: run.key,
      label: (total.get(label) ?? 1) > 1 ? `${label} (${number})` : label,
      stale: run.record.stale,
    }))
    .reverse();
}

export const shownRun = (run: KeptRun, against: ShownRun['against']): ShownRun => ({
  key: run.key,
  file: fileName(run.record.uri),
  record: run.record,
  against,
});
