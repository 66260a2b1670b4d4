import {
  type DecorationOptions,
  Range,
  type TextDocument,
  type TextDocumentChangeEvent,
  ThemeColor,
  window,
  workspace,
} from 'vscode';
import type { Feature, Host } from '../../core/feature.ts';
import { type Mark, MarkBook } from './marks.ts';

const setting = 'results.inline';

/** Whether each expectation held in the last run, behind its line. */
export const expectationMarks: Feature = {
  name: 'expectation marks',
  activate(host) {
    const painter = new Painter(host);
    host.own(
      painter,
      host.runs.onDidChange(() => painter.renew()),
      workspace.onDidChangeTextDocument((change) => painter.follow(change)),
      window.onDidChangeVisibleTextEditors(() => painter.paint()),
      workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration(`pcie.${setting}`)) painter.paint();
      }),
    );
  },
};

const style = (color: string) =>
  window.createTextEditorDecorationType({
    after: { margin: '0 0 0 2em', color: new ThemeColor(color), fontStyle: 'italic' },
  });

class Painter {
  readonly #host: Host;
  readonly #styles = {
    passed: style('charts.green'),
    failed: style('charts.red'),
    stale: style('disabledForeground'),
  };
  readonly #marks = new MarkBook();

  constructor(host: Host) {
    this.#host = host;
  }

  dispose(): void {
    for (const each of Object.values(this.#styles)) each.dispose();
  }

  /** Takes up new runs, and runs that became stale. */
  renew(): void {
    for (const uri of new Set(this.#host.runs.all.map((run) => run.record.uri))) {
      const document = workspace.textDocuments.find((each) => each.uri.toString() === uri);
      this.#marks.update(uri, this.#host.runs.lastOf(uri), document?.version);
    }
    this.paint();
  }

  follow({ document, contentChanges }: TextDocumentChangeEvent): void {
    const edits = contentChanges.map((change) => ({
      offset: change.rangeOffset,
      length: change.rangeLength,
      inserted: change.text.length,
    }));
    // Decorations follow edits by themselves; only what is gone must be painted anew.
    if (this.#marks.follow(document.uri.toString(), edits)) this.paint();
  }

  paint(): void {
    const shown = workspace.getConfiguration('pcie').get<boolean>(setting, true);
    for (const editor of window.visibleTextEditors) {
      const marks = shown ? this.#marks.marks(editor.document.uri.toString()) : [];
      const of = (wanted: (mark: Mark) => boolean) =>
        marks.filter(wanted).map((mark) => decoration(editor.document, mark));
      editor.setDecorations(
        this.#styles.stale,
        of((mark) => mark.stale),
      );
      editor.setDecorations(
        this.#styles.passed,
        of((mark) => !mark.stale && mark.passed),
      );
      editor.setDecorations(
        this.#styles.failed,
        of((mark) => !mark.stale && !mark.passed),
      );
    }
  }
}

/** At the end of the line, behind a comment that may stand there. */
function decoration(document: TextDocument, mark: Mark): DecorationOptions {
  const { range } = document.lineAt(document.positionAt(mark.span.end));
  const contentText = mark.stale ? `${mark.text} (stale)` : mark.text;
  return { range: new Range(range.end, range.end), renderOptions: { after: { contentText } } };
}
