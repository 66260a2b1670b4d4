import type { Connection } from 'vscode-languageserver';
import { type ServerStatus, Status } from './protocol.ts';

/** Says how the server is, whenever that changes. */
export class StatusReporter {
  readonly #connection: Connection | undefined;
  readonly #troubles = new Map<string, string>();
  #activity: ServerStatus['activity'] = 'loading';
  #files = 0;
  #said = '';

  constructor(connection: Connection | undefined) {
    this.#connection = connection;
  }

  /** Something that does not work, in a sentence; null: it works again. `what` keeps troubles apart. */
  trouble(what: string, message: string | null): void {
    if (message === null) this.#troubles.delete(what);
    else this.#troubles.set(what, message);
    this.#send();
  }

  activity(activity: ServerStatus['activity'], files: number): void {
    this.#activity = activity;
    this.#files = files;
    this.#send();
  }

  get current(): ServerStatus {
    const message = [...this.#troubles.values()].join(' ');
    return { health: message === '' ? 'ok' : 'warning', message, activity: this.#activity, files: this.#files };
  }

  #send(): void {
    const status = this.current;
    const text = JSON.stringify(status);
    if (text === this.#said) return;
    this.#said = text;
    void this.#connection?.sendNotification(Status.method, status);
  }
}
