import { parentPort } from 'node:worker_threads';
import type { FromWorker, ToWorker } from './messages.ts';
import { serveJob } from './serve.ts';

// A worker thread's console writes to the standard output of the process, where the protocol runs.
for (const level of ['log', 'info', 'debug', 'trace'] as const)
  console[level] = (...text: unknown[]) => console.error(...text);

const port = parentPort;
if (port !== null) {
  const answer = (message: FromWorker) => port.postMessage(message);
  port.on('message', (message: ToWorker) => serveJob(message, answer));
  answer({ kind: 'ready' });
}
