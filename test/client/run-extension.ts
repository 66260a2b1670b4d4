import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Platform } from '../../client/platform.ts';
import { Machines, WorkItems } from '../../server/protocol.ts';
import { fakeVscode, type Witness } from './fake-vscode.ts';

type Handler = (params: unknown) => unknown;

/** A language client that answers from a table, and lets a test speak as the server. */
export class FakeClient {
  readonly requests: (readonly [string, unknown])[] = [];
  readonly workAsked: (readonly [string, unknown])[] = [];
  readonly notified: (readonly [string, unknown])[] = [];
  readonly answers = new Map<string, Handler>();
  readonly handlers = new Map<string, Handler>();
  state = 1;
  failToStart: Error | undefined;
  readonly #states = new Set<(change: { newState: number }) => void>();

  onDidChangeState(listener: (change: { newState: number }) => void) {
    this.#states.add(listener);
    return { dispose: () => void this.#states.delete(listener) };
  }
  #become(state: number): void {
    this.state = state;
    for (const listener of this.#states) listener({ newState: state });
  }
  async start(): Promise<void> {
    if (this.failToStart !== undefined) throw this.failToStart;
    await Promise.resolve(); // no server runs before somebody can wait for it
    this.#become(2);
  }
  async stop(): Promise<void> {
    this.#become(1);
  }
  async sendRequest(method: string, params: unknown): Promise<unknown> {
    // The tests of open files are read on their own, whatever somebody does.
    (method === WorkItems.method ? this.workAsked : this.requests).push([method, params]);
    const answer = this.answers.get(method);
    if (answer === undefined) throw new Error(`Nobody answers ${method}.`);
    return answer(params);
  }
  async sendNotification(method: string, params: unknown): Promise<void> {
    this.notified.push([method, params]);
  }
  onRequest(method: string, handler: Handler) {
    this.handlers.set(method, handler);
    return { dispose: () => undefined };
  }
  onNotification(method: string, handler: Handler) {
    this.handlers.set(method, handler);
    return { dispose: () => undefined };
  }
  onProgress() {
    return { dispose: () => undefined };
  }
  /** Speaks as the server. */
  say(method: string, params: unknown): unknown {
    return this.handlers.get(method)?.(params);
  }
}

export interface Started {
  readonly witness: Witness;
  readonly client: FakeClient;
  readonly run: (id: string, ...args: readonly unknown[]) => Promise<unknown>;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
let bundled: Promise<string> | undefined;

async function bundle(): Promise<string> {
  const result = await build({
    absWorkingDir: root,
    entryPoints: ['client/activate.ts'],
    bundle: true,
    format: 'cjs',
    platform: 'node',
    external: ['vscode'],
    write: false,
    logLevel: 'silent',
  });
  return result.outputFiles[0]?.text ?? '';
}

/**
 * Starts the extension as it is bundled, on a fake editor and a fake server.
 *
 * @param kept what the workspace keeps from one window to the next
 */
export async function startExtension(
  texts: ReadonlyMap<string, string> = new Map(),
  prepare: (client: FakeClient) => void = () => undefined,
  kept: Map<string, unknown> = new Map(),
): Promise<Started> {
  bundled ??= bundle();
  const { api, witness } = fakeVscode(texts);
  const client = new FakeClient();
  prepare(client);
  const nodeRequire = createRequire(import.meta.url);
  const require = (name: string): unknown => (name === 'vscode' ? api : nodeRequire(name));
  const module = { exports: {} as { activateOn(context: unknown, platform: Platform): Promise<void> } };
  new Function('require', 'module', 'exports', await bundled)(require, module, module.exports);
  const context = {
    subscriptions: [],
    extensionUri: (api as { Uri: { file(path: string): unknown } }).Uri.file(root),
    extension: { packageJSON: { version: '1.2.3' } },
    workspaceState: {
      get: (key: string) => kept.get(key),
      update: async (key: string, value: unknown) => void kept.set(key, value),
    },
    asAbsolutePath: (path: string) => `${root}${path}`,
  };
  const platform = { createClient: () => client, workerUrl: () => undefined } as unknown as Platform;
  await module.exports.activateOn(context, platform);
  await new Promise((next) => setImmediate(next));
  // The status bar names the machine of what is open, whatever a test does.
  const asked = client.requests.splice(0);
  client.requests.push(...asked.filter(([method]) => method !== Machines.method));
  return {
    witness,
    client,
    run: async (id, ...args) => witness.commands.get(id)?.(...args),
  };
}
