import { Worker } from 'node:worker_threads';
import type { FromWorker, WorkerPort } from './messages.ts';

/** Starts the simulator in a worker thread. Throws where the file is not there. */
export function nodeWorker(path: string): WorkerPort {
  const worker = new Worker(path, { name: 'pcie-simulator' });
  // The worker must not keep a server alive whose client is gone.
  worker.unref();
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (listener) => worker.on('message', (message: FromWorker) => listener(message)),
    onExit: (listener) => {
      worker.on('error', (error) => listener(error instanceof Error ? error.message : String(error)));
      worker.on('exit', (code) => listener(`the worker ended with ${code}`));
    },
    terminate: () => void worker.terminate(),
  };
}
