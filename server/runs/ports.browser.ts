import type { FromWorker, WorkerPort } from './messages.ts';

/**
 * Starts the simulator in a web worker. Extension files often come from another origin, from which a worker may not be
 * started: the script is then fetched and started from a blob.
 */
export async function browserWorker(url: string): Promise<WorkerPort> {
  const worker = await startWorker(url);
  return {
    post: (message) => worker.postMessage(message),
    onMessage: (listener) =>
      worker.addEventListener('message', (event: MessageEvent<FromWorker>) => listener(event.data)),
    onExit: (listener) => worker.addEventListener('error', (event) => listener(event.message || 'the worker failed')),
    terminate: () => worker.terminate(),
  };
}

async function startWorker(url: string): Promise<Worker> {
  try {
    return new Worker(url);
  } catch {
    const response = await fetch(url);
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    const blob = URL.createObjectURL(new Blob([await response.text()], { type: 'text/javascript' }));
    return new Worker(blob);
  }
}
