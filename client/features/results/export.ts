import { CancellationTokenSource, Uri, window, workspace } from 'vscode';
import { type ExportFormat, ExportRun } from '../../../server/protocol.ts';
import type { Host } from '../../core/feature.ts';
import { withLateProgress } from '../../core/late-progress.ts';
import type { KeptRun } from '../../core/run-book.ts';

const formats: readonly { readonly label: string; readonly description: string; readonly format: ExportFormat }[] = [
  { label: 'JSON', description: 'everything that the view shows', format: 'json' },
  { label: 'CSV', description: 'one table: transfers, phases, latency, use over time', format: 'csv' },
  { label: 'Perfetto', description: 'a trace for ui.perfetto.dev; the work runs once more for it', format: 'perfetto' },
];

/** Lets the person choose a format; undefined: none. */
export async function chooseFormat(): Promise<ExportFormat | undefined> {
  const picked = await window.showQuickPick(formats, { title: 'Export results', placeHolder: 'In which format?' });
  return picked?.format;
}

/** Asks where to, and writes a run there. */
export async function saveRun(host: Host, { record }: KeptRun, format: ExportFormat): Promise<void> {
  const source = new CancellationTokenSource();
  try {
    const { fileName, text } = await withLateProgress('Exporting results', source, (token, progress) =>
      host.server.requestWithProgress(ExportRun, { id: record.id, format }, token, progress),
    );
    const defaultUri = Uri.joinPath(Uri.parse(record.uri), '..', fileName);
    const filters: Record<string, string[]> = format === 'csv' ? { CSV: ['csv'] } : { JSON: ['json'] };
    const chosen = await window.showSaveDialog({ defaultUri, filters, title: 'Export results' });
    if (chosen === undefined) return;
    await workspace.fs.writeFile(chosen, new TextEncoder().encode(text));
    window.setStatusBarMessage(`Saved ${chosen.path.slice(chosen.path.lastIndexOf('/') + 1)}.`, 4000);
  } finally {
    source.dispose();
  }
}
