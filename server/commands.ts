import { AbstractExecuteCommandHandler, type ExecuteCommandAcceptor } from 'langium/lsp';
import { type CancellationToken, type Connection, LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import type { Operations } from './operations.ts';
import { type CommandId, command, RunFinished, type RunRecord, type Subject } from './protocol.ts';
import { recordSummary } from './runs/summary.ts';

/** Executes the commands of lenses and fixes, in any editor. */
export class PcieCommands extends AbstractExecuteCommandHandler {
  readonly #operations: () => Operations;
  readonly #connection: Connection | undefined;

  constructor(operations: () => Operations, connection: Connection | undefined) {
    super();
    this.#operations = operations;
    this.#connection = connection;
  }

  /** Called by the base class before the fields are set: only the commands themselves may use them. */
  registerCommands(accept: ExecuteCommandAcceptor): void {
    const answer = (id: CommandId, run: (args: unknown[], token: CancellationToken) => unknown) =>
      accept(id, async (args, token) => {
        await this.#operations().settled();
        return run(args, token);
      });
    answer(command.simulate, (args, token) => this.#runAndTell(args, 'simulate', token));
    answer(command.compare, (args, token) => this.#runAndTell(args, 'compare', token));
    answer(command.show, (args) => this.#tell(this.#operations().show(subjectOf(args))));
    answer(command.enumerate, (args) => this.#tell(this.#operations().enumerate(subjectOf(args))));
    answer(command.groups, (args) => this.#tell(this.#operations().groups(subjectOf(args))));
    answer(command.showResult, (args) => {
      const record = this.#operations().lastRun(subjectOf(args));
      return record === null ? null : this.#tell(record);
    });
  }

  async #runAndTell(args: unknown[], what: 'simulate' | 'compare', token: CancellationToken): Promise<RunRecord> {
    const operations = this.#operations();
    const subject = subjectOf(args);
    const record =
      what === 'simulate'
        ? await operations.simulate(subject, {}, undefined, token)
        : await operations.compare(subject, ['p2p', 'host'], {}, undefined, token);
    if (this.#operations().views) void this.#connection?.sendNotification(RunFinished.method, record);
    else this.#connection?.window.showInformationMessage(`${record.name ?? 'All work'}: ${recordSummary(record)}`);
    return record;
  }

  /** Opens the report where the client has no views of its own for it. */
  #tell<T extends { readonly report: string }>(report: T): T {
    if (!this.#operations().views) {
      this.#connection?.window.showDocument({ uri: report.report, takeFocus: true }).catch((error: unknown) => {
        console.error('The report could not be shown:', error);
      });
    }
    return report;
  }
}

/** The arguments of every command: `[uri, name]`. */
export function subjectOf(args: readonly unknown[]): Subject {
  const [uri, name] = args;
  if (typeof uri === 'string' && (name === undefined || name === null || typeof name === 'string')) {
    return { uri, name: name ?? null };
  }
  throw new ResponseError(LSPErrorCodes.RequestFailed, 'This command takes a document URI and a name.');
}
