import {
  type CancellationToken,
  CancellationTokenSource,
  type Connection,
  type WorkDoneProgressReporter,
} from 'vscode-languageserver';

/** Something long with a progress bar and a way to stop it. */
export interface Task {
  readonly token: CancellationToken;
  report(fraction: number): void;
}

/**
 * Runs something under a progress of the client: the one whose token came with the request, else one that the server
 * asks for. Cancelling the progress cancels the task, and so does cancelling the request.
 */
export async function withProgress<T>(
  connection: Connection | undefined,
  workDoneToken: string | number | undefined,
  title: string,
  request: CancellationToken,
  run: (task: Task) => Promise<T>,
): Promise<T> {
  const source = new CancellationTokenSource();
  if (request.isCancellationRequested) source.cancel();
  const onRequest = request.onCancellationRequested(() => source.cancel());
  let progress: WorkDoneProgressReporter | undefined;
  if (connection !== undefined) {
    if (workDoneToken !== undefined) progress = connection.window.attachWorkDoneProgress(workDoneToken);
    else {
      const created = await connection.window.createWorkDoneProgress();
      created.token.onCancellationRequested(() => source.cancel());
      progress = created;
    }
  }
  progress?.begin(title, 0, undefined, true);
  let said = 0;
  try {
    return await run({
      token: source.token,
      report: (fraction) => {
        const percentage = Math.floor(Math.min(1, fraction) * 100);
        if (percentage <= said) return;
        said = percentage;
        progress?.report(percentage);
      },
    });
  } finally {
    progress?.done();
    onRequest.dispose();
    source.dispose();
  }
}
