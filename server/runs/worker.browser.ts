import type { FromWorker, ToWorker } from './messages.ts';
import { serveRun } from './serve.ts';

declare const self: DedicatedWorkerGlobalScope;

const answer = (message: FromWorker) => self.postMessage(message);
self.onmessage = (event: MessageEvent<ToWorker>) => serveRun(event.data, answer);
answer({ kind: 'ready' });
