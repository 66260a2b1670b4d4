import { BrowserMessageReader, BrowserMessageWriter, createConnection } from 'vscode-languageserver/browser';
import { ClientFiles } from './files.ts';
import { browserWorker } from './runs/ports.browser.ts';
import { startServer } from './start.ts';

declare const self: DedicatedWorkerGlobalScope;

const connection = createConnection(new BrowserMessageReader(self), new BrowserMessageWriter(self));
startServer({
  connection,
  files: new ClientFiles(connection),
  startWorker: (url) => {
    if (url === undefined) throw new Error('the client does not say where the worker is');
    return browserWorker(url);
  },
});
