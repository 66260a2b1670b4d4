import type { FromWorker, WorkerPort } from './messages.ts';
import { serveJob } from './serve.ts';

/** Runs in this thread, for hosts without workers: nothing else goes on meanwhile, and nothing can be cancelled. */
export function localWorker(): WorkerPort {
  let listener: (message: FromWorker) => void = () => undefined;
  return {
    post: (message) => void setTimeout(() => serveJob(message, listener), 0),
    onMessage: (listen) => {
      listener = listen;
    },
    onExit: () => undefined,
    terminate: () => {
      listener = () => undefined;
    },
  };
}
