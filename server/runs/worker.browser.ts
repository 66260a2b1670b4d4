import type { FromWorker, ToWorker } from './messages.ts';
import { serveJob } from './serve.ts';

declare const self: DedicatedWorkerGlobalScope;

const answer = (message: FromWorker) => self.postMessage(message);
self.onmessage = (event: MessageEvent<ToWorker>) => serveJob(event.data, answer);
answer({ kind: 'ready' });
