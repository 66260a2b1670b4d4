import type { ExtensionContext } from 'vscode';
import type { DynamicFeature, StaticFeature } from 'vscode-languageclient';
import { LanguageClient, TransportKind } from 'vscode-languageclient/node';
import { activateOn, deactivateAll } from './activate.ts';
import { clientId, clientName, type Platform, registersServerCommands } from './platform.ts';

class NodeClient extends LanguageClient {
  override registerFeature(feature: StaticFeature | DynamicFeature<unknown>): void {
    if (!registersServerCommands(feature)) super.registerFeature(feature);
  }
}

const platform: Platform = {
  createClient(context, options) {
    const module = context.asAbsolutePath('dist/server.cjs');
    const run = { module, transport: TransportKind.ipc };
    // Under F5 the server listens for the debugger that `.vscode/launch.json` attaches.
    const debug = { ...run, options: { execArgv: ['--nolazy', '--enable-source-maps', '--inspect=6009'] } };
    return new NodeClient(clientId, clientName, { run, debug }, options);
  },
  workerUrl: () => undefined,
};

export const activate = (context: ExtensionContext): Promise<void> => activateOn(context, platform);
export const deactivate = deactivateAll;
