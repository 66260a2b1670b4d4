import { ViewColumn, type WebviewPanel, window } from 'vscode';
import { DiagramChanged } from '../../../server/protocol.ts';
import { documentOf } from '../../core/active-document.ts';
import { readArguments } from '../../core/arguments.ts';
import type { Feature, Host } from '../../core/feature.ts';
import { readKept } from '../../views/diagram/messages.ts';
import { DiagramPanel } from './panel.ts';

const viewType = 'pcie.topology';

/** The picture of a machine beside its text. One for each document. */
export const diagram: Feature = {
  name: 'diagram',
  activate(host) {
    const panels = new Panels(host);
    host.command('pcie.showTopology', (...args) => panels.open(args));
    host.own(
      window.registerWebviewPanelSerializer(viewType, {
        async deserializeWebviewPanel(panel: WebviewPanel, state: unknown) {
          panels.restore(panel, state);
        },
      }),
    );
    panels.follow();
  },
};

class Panels {
  readonly #host: Host;
  readonly #open = new Map<string, DiagramPanel>();

  constructor(host: Host) {
    this.#host = host;
  }

  /** Opens the picture of the document that is named, or of the active one. */
  async open(args: readonly unknown[]): Promise<void> {
    const asked = readArguments(args);
    const document = await documentOf(asked.uri);
    const uri = document.uri.toString();
    const known = this.#open.get(uri);
    if (known !== undefined) {
      known.show(asked.name ?? null);
      return;
    }
    const panel = window.createWebviewPanel(
      viewType,
      'Topology',
      { viewColumn: ViewColumn.Beside, preserveFocus: false },
      { enableFindWidget: false, retainContextWhenHidden: true },
    );
    this.#keep(new DiagramPanel(this.#host, panel, uri, asked.name ?? null));
  }

  /** A picture from before the window was loaded again. */
  restore(panel: WebviewPanel, state: unknown): void {
    const { uri, machine } = readKept(state);
    if (uri === undefined) panel.dispose();
    else this.#keep(new DiagramPanel(this.#host, panel, uri, machine ?? null));
  }

  /** Pictures follow what the server tells of them, and the cursor. */
  follow(): void {
    this.#host.own(
      this.#host.server.on(DiagramChanged, (change) => this.#open.get(change.uri)?.follow(change)),
      window.onDidChangeTextEditorSelection(({ textEditor, selections }) => {
        const [first] = selections;
        if (textEditor.document.languageId !== 'pcie' || first === undefined) return;
        for (const panel of this.#open.values()) panel.selected(textEditor.document.uri.toString(), first.active);
      }),
      this.#host.comparisons.onDidChange(({ uri }) => this.#open.get(uri)?.compared()),
      // A server that began anew knows nothing of who looks.
      this.#host.server.onDidChangeState((state) => {
        if (state === 'running') for (const panel of this.#open.values()) void panel.watch();
      }),
    );
  }

  #keep(panel: DiagramPanel): void {
    this.#open.get(panel.uri)?.panel.dispose();
    this.#open.set(panel.uri, panel);
    panel.panel.onDidDispose(() => {
      if (this.#open.get(panel.uri) === panel) this.#open.delete(panel.uri);
    });
  }
}
