import { type CancellationToken, type CancellationTokenSource, ProgressLocation, window } from 'vscode';

/** What is done while it goes on: it can be cancelled, and it says how far it is (0 to 1, undefined: unknown). */
export type Work<T> = (token: CancellationToken, progress: (fraction: number | undefined) => void) => Promise<T>;

/** A run that is over before this shows no progress: a notification that flashes tells nobody anything. */
const patienceMilliseconds = 400;

/** Does something under a notification with a bar and a cancel button, which appears only if it takes a while. */
export async function withLateProgress<T>(title: string, source: CancellationTokenSource, work: Work<T>): Promise<T> {
  let fraction: number | undefined;
  let show: ((fraction: number | undefined) => void) | undefined;
  const done = work(source.token, (next) => {
    fraction = next;
    show?.(next);
  });
  const timer = setTimeout(() => {
    void window.withProgress(
      { location: ProgressLocation.Notification, title, cancellable: true },
      async (bar, token) => {
        token.onCancellationRequested(() => source.cancel());
        let shown = 0;
        show = (next) => {
          if (next === undefined) return;
          bar.report({ increment: (next - shown) * 100, message: `${Math.round(next * 100)} %` });
          shown = next;
        };
        show(fraction);
        await done.catch(() => undefined);
      },
    );
  }, patienceMilliseconds);
  try {
    return await done;
  } finally {
    clearTimeout(timer);
  }
}
