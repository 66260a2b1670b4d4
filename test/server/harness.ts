import { EmptyFileSystem, type LangiumDocument, TextDocument, URI } from 'langium';
import type { Position, Range } from 'vscode-languageserver';
import { createServerServices, type ServerServices, type ServerSharedServices } from '../../server/module.ts';

/** A text with marks taken out: `<|>` is a cursor, `<|…|>` a range. Positions are in the order of the text. */
export interface Marked {
  readonly text: string;
  readonly cursors: readonly number[];
  readonly ranges: readonly (readonly [number, number])[];
}

export function readMarks(marked: string): Marked {
  const cursors: number[] = [];
  const ranges: [number, number][] = [];
  const open: number[] = [];
  let text = '';
  for (let at = 0; at < marked.length; ) {
    if (marked.startsWith('<|>', at)) {
      cursors.push(text.length);
      at += 3;
    } else if (marked.startsWith('<|', at)) {
      open.push(text.length);
      at += 2;
    } else if (marked.startsWith('|>', at)) {
      const start = open.pop();
      if (start === undefined) throw new Error('a range ends that did not begin');
      ranges.push([start, text.length]);
      at += 2;
    } else text += marked[at++];
  }
  if (open.length > 0) throw new Error('a range does not end');
  ranges.sort((a, b) => a[0] - b[0]);
  return { text, cursors, ranges };
}

/** A document in a test server, with helpers to point into it. */
export interface Opened extends Marked {
  readonly document: LangiumDocument;
  readonly uri: string;
  at(cursor?: number): { readonly textDocument: { readonly uri: string }; readonly position: Position };
  range(index?: number): Range;
  textOf(range: Range): string;
}

/** A server without a connection; the file system is empty, documents are what `open` puts in. */
export class Harness {
  readonly shared: ServerSharedServices;
  readonly pcie: ServerServices;
  #count = 0;

  constructor() {
    const { shared, pcie } = createServerServices(EmptyFileSystem);
    this.shared = shared;
    this.pcie = pcie;
  }

  /** Loads the catalogue, as the start of a workspace does. */
  async start(folders: readonly string[] = ['file:///work']): Promise<this> {
    await this.shared.workspace.WorkspaceManager.initializeWorkspace(folders.map((uri) => ({ uri, name: uri })));
    return this;
  }

  /** Puts a marked text into the server and builds everything that it touches. */
  async open(marked: string, name = `file:///work/test${this.#count++}.pcie`): Promise<Opened> {
    const { text, cursors, ranges } = readMarks(marked);
    const uri = URI.parse(name);
    const before = this.shared.workspace.LangiumDocuments.getDocument(uri);
    const version = (before?.textDocument.version ?? 0) + 1;
    const textDocument = TextDocument.create(uri.toString(), 'pcie', version, text);
    (this.shared.workspace.TextDocuments as unknown as { set(document: TextDocument): void }).set(textDocument);
    await this.shared.workspace.DocumentBuilder.update([uri], []);
    const document = this.shared.workspace.LangiumDocuments.getDocument(uri);
    if (document === undefined) throw new Error(`${name} was not built`);
    return {
      document,
      text,
      cursors,
      ranges,
      uri: uri.toString(),
      at: (cursor = 0) => {
        const offset = cursors[cursor];
        if (offset === undefined) throw new Error(`there is no cursor ${cursor}`);
        return { textDocument: { uri: uri.toString() }, position: document.textDocument.positionAt(offset) };
      },
      range: (index = 0) => {
        const [start, end] = ranges[index] ?? [-1, -1];
        if (start < 0) throw new Error(`there is no range ${index}`);
        return { start: document.textDocument.positionAt(start), end: document.textDocument.positionAt(end) };
      },
      textOf: (range) => document.textDocument.getText(range),
    };
  }
}

/** The service, or an error that names it: optional in Langium's types, always there in ours. */
export function present<T>(service: T | undefined, name = 'the service'): T {
  if (service === undefined) throw new Error(`${name} is missing`);
  return service;
}
