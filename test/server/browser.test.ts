import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Hover, InitializeResult } from 'vscode-languageserver-protocol';
import type { RunRecord, ServerStatus } from '../../server/protocol.ts';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** Only what a web worker has: no modules of Node, no process. */
const host = `
const { parentPort, workerData } = require('node:worker_threads');
const listeners = { message: [], error: [] };
const scope = {
  postMessage: (data) => parentPort.postMessage(data),
  addEventListener: (type, listener) => (listeners[type] ??= []).push(listener),
  set onmessage(listener) { listeners.message.push(listener); },
};
parentPort.on('message', (data) => { for (const listener of listeners.message) listener({ data }); });
globalThis.self = scope;
const code = require('node:fs').readFileSync(workerData, 'utf8');
new Function('self', 'require', 'process', 'module', 'exports', code)(scope, undefined, undefined, undefined, undefined);
`;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** The server as it runs in a browser, spoken to as a browser does: whole messages, no streams. */
class BrowserClient {
  readonly worker: Worker;
  readonly notifications: Message[] = [];
  readonly #waiting = new Map<number, (message: Message) => void>();
  readonly #answers: (method: string, params: unknown) => unknown;
  #next = 1;

  constructor(script: string, answers: (method: string, params: unknown) => unknown) {
    this.#answers = answers;
    this.worker = new Worker(host, { eval: true, workerData: script });
    this.worker.on('message', (message: Message) => {
      if (message.method === undefined) this.#waiting.get(message.id ?? -1)?.(message);
      else if (message.id === undefined) this.notifications.push(message);
      else
        this.worker.postMessage({
          jsonrpc: '2.0',
          id: message.id,
          result: this.#answers(message.method, message.params) ?? null,
        });
    });
  }

  async request<T>(method: string, params: unknown): Promise<T> {
    const id = this.#next++;
    const answer = new Promise<Message>((done) => this.#waiting.set(id, done));
    this.worker.postMessage({ jsonrpc: '2.0', id, method, params });
    const { result, error } = await answer;
    if (error !== undefined) throw new Error(error.message);
    return result as T;
  }

  notify(method: string, params: unknown): void {
    this.worker.postMessage({ jsonrpc: '2.0', method, params });
  }
}

let client: BrowserClient;
const asked: string[] = [];
const uri = 'vscode-vfs://github/x/a.pcie';
const text =
  'import "parts.pcie"\nmachine m { socket c { root-port r gen4 x16 { gpu g : card } } }\ntransfer t from c.memory to g { size 1 GiB }\n';

beforeAll(async () => {
  const outfile = join(root, 'build/test-server/browser.js');
  await build({
    absWorkingDir: root,
    entryPoints: ['server/main.browser.ts'],
    bundle: true,
    platform: 'browser',
    format: 'iife',
    outfile,
    define: { global: 'globalThis' },
    logLevel: 'silent',
  });
  client = new BrowserClient(outfile, (method, params) => {
    asked.push(method);
    const wanted = (params as { uri?: string } | undefined)?.uri ?? '';
    if (method === 'pcie/readFile')
      return wanted.endsWith('/parts.pcie') ? { text: 'part gpu card { link gen3 x16 }' } : null;
    if (method === 'pcie/statFile') return wanted.endsWith('/parts.pcie') ? { isFile: true } : null;
    return null;
  });
  const initialized = await client.request<InitializeResult>('initialize', {
    processId: null,
    rootUri: null,
    capabilities: {},
    initializationOptions: { views: true, files: true },
  });
  expect(initialized.capabilities.hoverProvider).toBe(true);
  client.notify('initialized', {});
  client.notify('textDocument/didOpen', { textDocument: { uri, languageId: 'pcie', version: 1, text } });
}, 60_000);
afterAll(async () => {
  await client.worker.terminate();
});

describe('the server in the browser', () => {
  test('reads imported files through the client', async () => {
    const published = (message: Message) =>
      message.method === 'textDocument/publishDiagnostics' && (message.params as { uri: string }).uri === uri;
    await expect.poll(() => client.notifications.some(published)).toBe(true);
    const hover = await client.request<Hover>('textDocument/hover', {
      textDocument: { uri },
      position: { line: 1, character: 34 },
    });
    expect(asked).toContain('pcie/readFile');
    expect(JSON.stringify(hover.contents)).toContain('Gen3');
  });

  test('simulates in its own thread where it has no worker, and says so', async () => {
    const record = await client.request<RunRecord>('pcie/simulate', { uri, name: 't' });
    expect(record.variants[0]?.result.runs[0]?.transfers[0]?.bytesPerSecond).toBeGreaterThan(1e9);
    const statuses = client.notifications
      .filter((message) => message.method === 'pcie/status')
      .map((message) => message.params as ServerStatus);
    expect(statuses.at(-1)).toMatchObject({ health: 'warning' });
    expect(statuses.at(-1)?.message).toContain('worker');
  });
});
