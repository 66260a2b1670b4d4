import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import {
  createProtocolConnection,
  type Diagnostic,
  type InitializeParams,
  type InitializeResult,
  type ProtocolConnection,
  PublishDiagnosticsNotification,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-languageserver-protocol/node';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
let bundled: Promise<string> | undefined;

/** The server as it ships, bundled into a folder of its own; once for each test run. Returns the path of the program. */
export function bundledServer(): Promise<string> {
  bundled ??= (async () => {
    const folder = join(root, 'build/test-server');
    mkdirSync(folder, { recursive: true });
    await build({
      absWorkingDir: root,
      entryPoints: { server: 'server/main.node.ts', worker: 'server/runs/worker.node.ts' },
      bundle: true,
      platform: 'node',
      format: 'cjs',
      target: 'node22',
      outdir: folder,
      outExtension: { '.js': '.cjs' },
      logLevel: 'silent',
    });
    return join(folder, 'server.cjs');
  })();
  return bundled;
}

/** A client that speaks to a server process over its standard streams. */
export class Client {
  readonly connection: ProtocolConnection;
  readonly process: ChildProcess;
  readonly diagnostics = new Map<string, Diagnostic[]>();
  /** What the server wrote to its standard error. */
  log = '';
  readonly #waiting: { readonly uri: string; readonly resolve: (diagnostics: Diagnostic[]) => void }[] = [];

  constructor(program: string, args: readonly string[] = ['--stdio']) {
    const node = join(root, 'node_modules/node/bin/node');
    this.process = spawn(existsSync(node) ? node : process.execPath, [program, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const { stdin, stdout, stderr } = this.process;
    if (stdin === null || stdout === null || stderr === null) throw new Error('the server has no streams');
    stderr.on('data', (data: Buffer) => {
      this.log += data.toString();
    });
    this.connection = createProtocolConnection(new StreamMessageReader(stdout), new StreamMessageWriter(stdin));
    this.connection.onNotification(PublishDiagnosticsNotification.type, ({ uri, diagnostics }) => {
      this.diagnostics.set(uri, diagnostics);
      for (const waiting of this.#waiting.splice(0)) {
        if (waiting.uri === uri) waiting.resolve(diagnostics);
        else this.#waiting.push(waiting);
      }
    });
    // A client that knows the standard requests of a server answers them; tests may add others before listening.
    this.connection.onRequest('client/registerCapability', () => null);
    this.connection.listen();
  }

  async initialize(params: Partial<InitializeParams> = {}): Promise<InitializeResult> {
    const result = await this.connection.sendRequest<InitializeResult>('initialize', {
      processId: process.pid,
      rootUri: null,
      capabilities: {},
      ...params,
    });
    await this.connection.sendNotification('initialized', {});
    return result;
  }

  /** Opens a document and waits for its diagnostics. */
  async open(uri: string, text: string): Promise<Diagnostic[]> {
    const diagnostics = this.nextDiagnostics(uri);
    await this.connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri, languageId: 'pcie', version: 1, text },
    });
    return diagnostics;
  }

  /** Replaces the text of an open document and waits for its diagnostics. */
  async change(uri: string, version: number, text: string): Promise<Diagnostic[]> {
    const diagnostics = this.nextDiagnostics(uri);
    await this.connection.sendNotification('textDocument/didChange', {
      textDocument: { uri, version },
      contentChanges: [{ text }],
    });
    return diagnostics;
  }

  nextDiagnostics(uri: string): Promise<Diagnostic[]> {
    return new Promise((resolvePromise) => this.#waiting.push({ uri, resolve: resolvePromise }));
  }

  request<R>(method: string, params: unknown): Promise<R> {
    return this.connection.sendRequest<R>(method, params);
  }

  /** Says goodbye as the protocol wants it; returns the exit code. */
  async shutdown(): Promise<number | null> {
    const exited = new Promise<number | null>((resolvePromise) =>
      this.process.once('exit', (code) => resolvePromise(code)),
    );
    await this.connection.sendRequest('shutdown');
    await this.connection.sendNotification('exit');
    return exited;
  }

  /** Ends the process if it still runs; for after a failed test. */
  dispose(): void {
    this.connection.dispose();
    this.process.kill();
  }
}
