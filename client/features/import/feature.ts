import {
  type CancellationToken,
  CancellationTokenSource,
  commands,
  type TextDocument,
  Uri,
  ViewColumn,
  window,
  workspace,
} from 'vscode';
import { Differences, type DumpSource, Import, type MachineSource } from '../../../server/protocol.ts';
import { changeText } from '../../../server/reports/changes.ts';
import type { Feature, Host } from '../../core/feature.ts';
import { withLateProgress } from '../../core/late-progress.ts';
import { showText, textColumn, viewBeside } from '../../core/show-text.ts';
import { base64Of } from './base64.ts';

/** Of a comparison in words. */
const reportScheme = 'pcie-comparison';

/** More than the tools of one machine write. */
const mostBytes = 256 * 1024 * 1024;

/** Real machines in: what they say of themselves becomes text, and is compared with what was meant. */
export const imports: Feature = {
  name: 'import',
  activate(host) {
    host.own(
      workspace.registerTextDocumentContentProvider(reportScheme, {
        provideTextDocumentContent: ({ query }) => query,
      }),
    );
    host.command('pcie.importMachine', async (first, all) => {
      const uris = urisOf(first, all) ?? (await pick('Import a machine', 'Import', true));
      if (uris !== undefined) await importFiles(host, uris);
    });
    host.command('pcie.compareMachines', async (first, all) => {
      const uris = urisOf(first, all) ?? (await pickTwo());
      if (uris !== undefined) await compare(host, uris);
    });
  },
};

/** What a menu of the explorer passes: the file under the mouse, and all that are selected. */
function urisOf(first: unknown, all: unknown): readonly Uri[] | undefined {
  const given = Array.isArray(all) && all.length > 0 ? all : [first];
  const uris = given.filter((one): one is Uri => one instanceof Uri);
  return uris.length === 0 ? undefined : uris;
}

const pick = (title: string, openLabel: string, canSelectMany: boolean) =>
  window.showOpenDialog({ title, openLabel, canSelectMany });

/** The two sides of a comparison: at once where the dialog can, else one after the other. */
async function pickTwo(): Promise<readonly Uri[] | undefined> {
  const picked = await pick('Compare two machines: the design, and the machine', 'Compare', true);
  const [design] = picked ?? [];
  if (picked?.length !== 1 || design === undefined) return picked;
  const other = await pick(`Compare ${nameOf(design)} with…`, 'Compare', false);
  return other === undefined ? undefined : [design, ...other];
}

async function importFiles(host: Host, uris: readonly Uri[]): Promise<void> {
  const imported = await working('Importing', async (token) => {
    const sources = await Promise.all(uris.map(read));
    return host.server.request(Import, { sources }, token);
  });
  // The first line is what the editor calls a text without a name.
  const content = `// ${imported.machine}, imported from ${uris.map(nameOf).join(', ')}\n\n${imported.text}`;
  const document = await workspace.openTextDocument({ language: 'pcie', content });
  await showText(document);
  for (const note of imported.notes) host.log.warn(`${imported.machine}: ${note}`);
  const { length } = imported.notes;
  if (length === 0) return;
  const show = 'Show Them';
  const text = `${imported.machine} was imported; ${length === 1 ? 'one thing is' : `${length} things are`} worth knowing.`;
  if ((await window.showInformationMessage(text, show)) === show) host.log.show(true);
}

async function compare(host: Host, uris: readonly Uri[]): Promise<void> {
  const [first, second] = uris;
  if (first === undefined || second === undefined || uris.length > 2) {
    throw new Error('Pick two files: the design, and the machine to compare with it.');
  }
  const { text, changes } = await working('Comparing', async (token) => {
    const sources = await Promise.all([sourceOf(first), sourceOf(second)]);
    const [one, other] = sources;
    if (one === undefined || other === undefined) throw new Error('There are not two files.');
    return host.server.request(Differences, { first: one, second: other }, token);
  });
  const title = `${nameOf(first)} ↔ ${nameOf(second)}`;
  host.comparisons.keep({
    uri: first.toString(),
    other: nameOf(second),
    changes: changes.map((change) => ({ subject: change.subject, words: changeText(change) })),
  });
  // Its text goes with its address: it is read-only, and nobody is asked to save it.
  const address = Uri.from({ scheme: reportScheme, path: `/${title}.diff`, query: `${title}\n\n${text}` });
  const report = await workspace.openTextDocument(address);
  const [left, right] = await Promise.all([textOf(host, first), textOf(host, second)]);
  // A picture that is in sight marks the differences: no text is put over it.
  const column = textColumn();
  const besides = { viewColumn: viewBeside(column) ? column : ViewColumn.Beside };
  await commands.executeCommand('vscode.diff', left.uri, right.uri, title, { viewColumn: column, preview: false });
  await window.showTextDocument(report, { preview: false, preserveFocus: true, ...besides });
}

const isDescribed = (uri: Uri) => uri.path.endsWith('.pcie');
const nameOf = (uri: Uri) => uri.path.slice(uri.path.lastIndexOf('/') + 1);

/** A described machine as its document; any other as the text that its import makes. */
async function textOf(host: Host, uri: Uri): Promise<TextDocument> {
  if (isDescribed(uri)) return workspace.openTextDocument(uri);
  const { text } = await host.server.request(Import, { sources: [await read(uri)] });
  return workspace.openTextDocument({ language: 'pcie', content: text });
}

async function sourceOf(uri: Uri): Promise<MachineSource> {
  if (!isDescribed(uri)) return read(uri);
  await workspace.openTextDocument(uri);
  return { uri: uri.toString() };
}

async function read(uri: Uri): Promise<DumpSource> {
  const { size } = await workspace.fs.stat(uri);
  if (size > mostBytes) throw new Error(`${nameOf(uri)} is larger than what a machine says of itself.`);
  return { name: nameOf(uri), base64: base64Of(await workspace.fs.readFile(uri)) };
}

async function working<T>(title: string, work: (token: CancellationToken) => Promise<T>): Promise<T> {
  const source = new CancellationTokenSource();
  try {
    return await withLateProgress(title, source, work);
  } finally {
    source.dispose();
  }
}
