import { type CancellationToken, type Disposable, EventEmitter, type LogOutputChannel } from 'vscode';
import { type BaseLanguageClient, State, WorkDoneProgress } from 'vscode-languageclient';
import type { NotificationKind, RequestKind } from '../../server/protocol.ts';
import { plain } from './plain.ts';

export type ServerState = 'stopped' | 'starting' | 'running';

const states: Readonly<Record<State, ServerState>> = {
  [State.Stopped]: 'stopped',
  [State.Starting]: 'starting',
  [State.StartFailed]: 'stopped',
  [State.Running]: 'running',
};

/** The language server as the features see it: the messages of `protocol.ts`, typed, over restarts. */
export class Server {
  readonly #client: BaseLanguageClient;
  readonly #log: LogOutputChannel;
  readonly #stateChanged = new EventEmitter<ServerState>();
  readonly #failed = new EventEmitter<unknown>();
  readonly #listeners = new Map<string, Set<(params: unknown) => void>>();
  #started: Promise<void> | undefined;
  #nextToken = 1;

  constructor(client: BaseLanguageClient, log: LogOutputChannel) {
    this.#client = client;
    this.#log = log;
    client.onDidChangeState(({ newState }) => this.#stateChanged.fire(states[newState]));
  }

  readonly onDidChangeState = this.#stateChanged.event;

  /** The server did not start; the value is why. */
  readonly onDidFail = this.#failed.event;

  get state(): ServerState {
    return states[this.#client.state];
  }

  /** Starts the server, once. Rejects where it does not start. */
  start(): Promise<void> {
    this.#started ??= this.#watched(this.#client.start());
    return this.#started;
  }

  /** Ends the server if it runs, and starts it again. */
  restart(): Promise<void> {
    const again = async (): Promise<void> => {
      await this.stop();
      await this.#client.start();
    };
    this.#started = this.#watched(again());
    return this.#started;
  }

  #watched(started: Promise<void>): Promise<void> {
    started.catch((error: unknown) => this.#failed.fire(error));
    return started;
  }

  async stop(): Promise<void> {
    if (this.state !== 'stopped') await this.#client.stop();
  }

  /** Sends a request as soon as the server runs. Rejects with the server's error, or after a cancellation. */
  async request<P, R>(kind: RequestKind<P, R>, params: P, token?: CancellationToken): Promise<R> {
    await this.start();
    const sent = plain(params);
    // What follows the parameters is taken for one more of them unless it is a token.
    return token === undefined
      ? this.#client.sendRequest<R>(kind.method, sent)
      : this.#client.sendRequest<R>(kind.method, sent, token);
  }

  /** Tells the server something; one that does not run has nothing to do with it. */
  notify<P>(kind: NotificationKind<P>, params: P): void {
    if (this.state === 'running') void this.#client.sendNotification(kind.method, plain(params));
  }

  /** A request that reports how far it is. The fraction is undefined while the server does not know. */
  async requestWithProgress<P, R>(
    kind: RequestKind<P & { readonly workDoneToken?: string | number }, R>,
    params: P,
    token: CancellationToken,
    progress: (fraction: number | undefined) => void,
  ): Promise<R> {
    const workDoneToken = `pcie-${this.#nextToken++}`;
    const listening = this.#client.onProgress(WorkDoneProgress.type, workDoneToken, (value) => {
      if (value.kind === 'end') return;
      progress(value.percentage === undefined ? undefined : value.percentage / 100);
    });
    try {
      return await this.request(kind, { ...params, workDoneToken }, token);
    } finally {
      listening.dispose();
    }
  }

  /** Listens to a notification. Any number of listeners; the client itself takes only one handler per method. */
  on<P>(kind: NotificationKind<P>, listener: (params: P) => void): Disposable {
    const known = this.#listeners.get(kind.method);
    const listeners = known ?? new Set<(params: unknown) => void>();
    if (known === undefined) {
      this.#listeners.set(kind.method, listeners);
      this.#client.onNotification(kind.method, (params: unknown) => {
        for (const each of [...listeners]) {
          try {
            each(params);
          } catch (error) {
            this.#log.error(`A listener to ${kind.method} failed.`, error instanceof Error ? error : String(error));
          }
        }
      });
    }
    const wrapped = (params: unknown): void => listener(params as P);
    listeners.add(wrapped);
    return { dispose: () => void listeners.delete(wrapped) };
  }

  /** Answers a request of the server. One answerer per request. */
  answer<P, R>(kind: RequestKind<P, R>, answer: (params: P) => Promise<R>): Disposable {
    return this.#client.onRequest<unknown, unknown>(kind.method, async (params: P) => plain(await answer(params)));
  }
}
