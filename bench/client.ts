import { type ChildProcess, spawn } from 'node:child_process';
import {
  createProtocolConnection,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node';

/** A language server under the clock: what it takes from a message to the answer, over its standard streams. */
export class TimedServer {
  readonly #connection: ProtocolConnection;
  readonly #process: ChildProcess;
  #version = 1;
  #arrived: ((count: number) => void) | undefined;
  readonly uri: string;

  constructor(command: string, args: readonly string[], uri: string) {
    this.uri = uri;
    this.#process = spawn(command, args, { stdio: ['pipe', 'pipe', 'ignore'] });
    const { stdin, stdout } = this.#process;
    if (stdin === null || stdout === null) throw new Error('the server has no streams');
    this.#connection = createProtocolConnection(new StreamMessageReader(stdout), new StreamMessageWriter(stdin));
    this.#connection.onNotification(PublishDiagnosticsNotification.type, (message) => {
      if (message.uri === uri) this.#arrived?.(message.diagnostics.length);
    });
    this.#connection.onRequest('client/registerCapability', () => null);
    this.#connection.onRequest('workspace/configuration', (params: { items: unknown[] }) =>
      params.items.map(() => null),
    );
    this.#connection.listen();
  }

  async start(rootUri: string, initializationOptions: unknown = {}): Promise<void> {
    await this.#connection.sendRequest('initialize', {
      processId: process.pid,
      rootUri,
      workspaceFolders: [{ uri: rootUri, name: 'bench' }],
      initializationOptions,
      capabilities: { textDocument: { hover: { contentFormat: ['markdown'] } } },
    });
    await this.#connection.sendNotification('initialized', {});
  }

  /** Seconds from didOpen to diagnostics. */
  open(languageId: string, text: string): Promise<number> {
    return this.#untilDiagnostics(() =>
      this.#connection.sendNotification('textDocument/didOpen', {
        textDocument: { uri: this.uri, languageId, version: this.#version, text },
      }),
    );
  }

  /** Seconds from a keystroke to diagnostics. */
  type(line: number, character: number, removed: number, text: string): Promise<number> {
    this.#version++;
    return this.#untilDiagnostics(() =>
      this.#connection.sendNotification('textDocument/didChange', {
        textDocument: { uri: this.uri, version: this.#version },
        contentChanges: [
          { range: { start: { line, character }, end: { line, character: character + removed } }, text },
        ],
      }),
    );
  }

  /** Seconds from a request to its answer. */
  async ask(method: string, line: number, character: number): Promise<number> {
    const before = performance.now();
    await this.#connection.sendRequest(method, { textDocument: { uri: this.uri }, position: { line, character } });
    return (performance.now() - before) / 1000;
  }

  /** Says goodbye as the protocol wants it. */
  async quit(): Promise<void> {
    const gone = new Promise((resolve) => this.#process.once('exit', resolve));
    await this.#connection.sendRequest('shutdown');
    await this.#connection.sendNotification('exit');
    await gone;
  }

  stop(): void {
    this.#connection.dispose();
    this.#process.kill('SIGKILL');
  }

  async #untilDiagnostics(send: () => Promise<void>): Promise<number> {
    const before = performance.now();
    const arrived = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no diagnostics within 60 s')), 60_000);
      this.#arrived = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    await send();
    await arrived;
    return (performance.now() - before) / 1000;
  }
}
