import { DiagnosticSeverity, languages, MarkdownString, StatusBarAlignment, type Uri, window, workspace } from 'vscode';
import { Machines } from '../../../server/protocol.ts';
import { activeEditor } from '../../core/active-document.ts';
import type { Feature, Host } from '../../core/feature.ts';
import { fileOf } from '../../core/text-panels.ts';
import { barText, type Looked } from './text.ts';

/** How long the text rests before its machines are asked for. */
const restMilliseconds = 400;
const enabledCommands = ['pcie.showTopology', 'pcie.simulate', 'pcie.showResults'];

/** The machine that somebody looks at, in the status bar, with what its last run came to; a click draws it. */
export const statusBar: Feature = {
  name: 'status bar',
  activate(host) {
    const item = window.createStatusBarItem('pcie.machine', StatusBarAlignment.Left, 0);
    item.name = 'PCIe Machine';
    item.command = { command: 'pcie.showTopology', title: 'Show Topology' };
    let now: Found | undefined;
    const paint = (): void => {
      if (now === undefined) item.hide();
      else {
        const { text, tooltip } = barText(looked(host, now));
        item.text = text;
        item.tooltip = Object.assign(new MarkdownString(tooltip), { isTrusted: { enabledCommands } });
        item.show();
      }
    };
    let turn = 0;
    const ask = async (): Promise<void> => {
      const mine = ++turn;
      const found = await find(host);
      if (mine !== turn) return;
      now = found;
      paint();
    };
    let timer: ReturnType<typeof setTimeout> | undefined;
    host.own(
      item,
      { dispose: () => clearTimeout(timer) },
      window.onDidChangeActiveTextEditor(() => void ask()),
      workspace.onDidChangeTextDocument(({ document }) => {
        if (document !== activeEditor()?.document) return;
        clearTimeout(timer);
        timer = setTimeout(() => void ask(), restMilliseconds);
      }),
      languages.onDidChangeDiagnostics(paint),
      host.runs.onDidChange(paint),
      host.server.onDidChangeState((state) => {
        if (state === 'running') void ask();
      }),
    );
  },
};

/** A document that somebody looks at, and its machines. */
interface Found {
  readonly uri: Uri;
  readonly machines: Looked['machines'];
}

async function find(host: Host): Promise<Found | undefined> {
  const uri = activeEditor()?.document.uri;
  if (uri === undefined || host.server.state !== 'running') return undefined;
  try {
    const [first, ...others] = await host.server.request(Machines, { uri: uri.toString() });
    return first === undefined ? undefined : { uri, machines: [first.name, ...others.map(({ name }) => name)] };
  } catch {
    return undefined; // the file was closed, or the server is on its way
  }
}

function looked(host: Host, { uri, machines }: Found): Looked {
  const text = uri.toString();
  const severities = languages.getDiagnostics(uri).map(({ severity }) => severity);
  return {
    file: fileOf(text),
    machines,
    errors: severities.filter((each) => each === DiagnosticSeverity.Error).length,
    warnings: severities.filter((each) => each === DiagnosticSeverity.Warning).length,
    last: host.runs.all.findLast(({ record }) => record.uri === text),
  };
}
