import { Worker } from 'node:worker_threads';
import type { FromWorker, WorkerPort } from './messages.ts';

/**
 * Starts the simulator in a worker thread.
 *
 * @param program path or `file:` URL of the bundled worker
 */
export function nodeWorker(program: string): WorkerPort {
  const worker = new Worker(program.startsWith('file:') ? new URL(program) : program, { name: 'pcie-simulator' });
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
