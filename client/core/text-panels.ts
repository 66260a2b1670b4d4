import { Uri, ViewColumn, type WebviewPanel, window } from 'vscode';
import type { ViewPage } from '../views/page.ts';
import { documentOf } from './active-document.ts';
import { readArguments } from './arguments.ts';
import { isCancellation, messageOf } from './errors.ts';
import type { Host } from './feature.ts';
import { fillWebview } from './webview.ts';

/** A view beside its text. */
export interface TextPanel {
  readonly uri: string;
  readonly panel: WebviewPanel;
  /** Brings it to the front, with another machine of its text where one is named. */
  show(machine: string | null): void;
}

/** What tells one kind of view from another. */
export interface TextPanelKind<P extends TextPanel> {
  readonly viewType: string;
  readonly command: string;
  readonly title: string;
  /** Whether VS Code's own search looks into it. */
  readonly find: boolean;
  /** Reads what a view kept over a reload of the window. */
  readKept(state: unknown): { readonly uri?: string; readonly machine?: string };
  make(panel: WebviewPanel, uri: string, machine: string | null): P;
}

/** The open views of a kind, one for each document. */
export class TextPanels<P extends TextPanel> {
  readonly #open = new Map<string, P>();
  readonly #kind: TextPanelKind<P>;

  constructor(host: Host, kind: TextPanelKind<P>) {
    this.#kind = kind;
    host.command(kind.command, (...args) => this.#show(args));
    host.own(
      window.registerWebviewPanelSerializer(kind.viewType, {
        deserializeWebviewPanel: async (panel: WebviewPanel, state: unknown) => {
          const { uri, machine } = kind.readKept(state);
          if (uri === undefined) panel.dispose();
          else this.#keep(kind.make(panel, uri, machine ?? null));
        },
      }),
    );
  }

  get all(): Iterable<P> {
    return this.#open.values();
  }

  of(uri: string): P | undefined {
    return this.#open.get(uri);
  }

  /** Shows the view of the document that is named, or of the active one. */
  async #show(args: readonly unknown[]): Promise<void> {
    const asked = readArguments(args);
    const uri = (await documentOf(asked.uri)).uri.toString();
    const known = this.#open.get(uri);
    if (known !== undefined) {
      known.show(asked.name ?? null);
      return;
    }
    const { viewType, title, find } = this.#kind;
    const panel = window.createWebviewPanel(
      viewType,
      title,
      { viewColumn: ViewColumn.Beside, preserveFocus: false },
      { enableFindWidget: find, retainContextWhenHidden: true },
    );
    this.#keep(this.#kind.make(panel, uri, asked.name ?? null));
  }

  #keep(made: P): void {
    this.#open.get(made.uri)?.panel.dispose();
    this.#open.set(made.uri, made);
    made.panel.onDidDispose(() => {
      if (this.#open.get(made.uri) === made) this.#open.delete(made.uri);
    });
  }
}

/**
 * Puts a view's page into its panel, and answers what it says.
 *
 * @param read undefined for what is no message of the view
 * @param refused is told why an answer failed; a cancellation is silent
 */
export function fillPanel<M>(
  { context: { extensionUri } }: Host,
  panel: WebviewPanel,
  page: ViewPage,
  read: (message: unknown) => M | undefined,
  answer: (message: M) => Promise<void>,
  refused: (why: string) => void,
): void {
  panel.webview.onDidReceiveMessage((said: unknown) => {
    const message = read(said);
    if (message === undefined) return;
    answer(message).catch((error: unknown) => {
      if (!isCancellation(error)) refused(messageOf(error));
    });
  });
  panel.iconPath = {
    light: Uri.joinPath(extensionUri, 'icons', 'pcie-light.svg'),
    dark: Uri.joinPath(extensionUri, 'icons', 'pcie-dark.svg'),
  };
  fillWebview(panel.webview, extensionUri, page);
}

/** The name of a file, for people. */
export const fileOf = (uri: string): string => decodeURIComponent(uri.slice(uri.lastIndexOf('/') + 1));
