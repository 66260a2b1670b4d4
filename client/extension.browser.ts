import { type ExtensionContext, Uri } from 'vscode';
import type { DynamicFeature, StaticFeature } from 'vscode-languageclient';
import {
  BrowserMessageReader,
  BrowserMessageWriter,
  LanguageClient,
  type MessageTransports,
} from 'vscode-languageclient/browser';
import { activateOn, deactivateAll } from './activate.ts';
import { clientId, clientName, type Platform, registersServerCommands } from './platform.ts';

class BrowserClient extends LanguageClient {
  override registerFeature(feature: StaticFeature | DynamicFeature<unknown>): void {
    if (!registersServerCommands(feature)) super.registerFeature(feature);
  }
}

const bundle = (extension: Uri, name: string): Uri => Uri.joinPath(extension, 'dist', 'browser', name);

const platform: Platform = {
  createClient(context, options) {
    let worker: Worker | undefined;
    // A function, so that a restart gets a new worker. It answers the transports and not the worker: in the extension
    // host of VS Code a nested worker is not an instance of the global `Worker`, and the client asks for that.
    const start = async (): Promise<MessageTransports> => {
      worker?.terminate();
      worker = new Worker(bundle(context.extensionUri, 'server.js').toString(true));
      return { reader: new BrowserMessageReader(worker), writer: new BrowserMessageWriter(worker) };
    };
    context.subscriptions.push({ dispose: () => worker?.terminate() });
    return new BrowserClient(clientId, clientName, start, options);
  },
  workerUrl: (extension) => bundle(extension, 'worker.js'),
};

export const activate = (context: ExtensionContext): Promise<void> => activateOn(context, platform);
export const deactivate = deactivateAll;
