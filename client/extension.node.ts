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
    // Every keystroke makes a few megabytes that live for a moment: with room for them the collector stays out of the way.
    const memory = ['--max-semi-space-size=32'];
    const run = { module, transport: TransportKind.ipc, options: { execArgv: memory } };
    // Under F5 the server listens for the debugger that `.vscode/launch.json` attaches.
    const debug = { ...run, options: { execArgv: [...memory, '--nolazy', '--enable-source-maps', '--inspect=6009'] } };
    return new NodeClient(clientId, clientName, { run, debug }, options);
  },
  workerUrl: () => undefined,
};

export const activate = (context: ExtensionContext): Promise<void> => activateOn(context, platform);
export const deactivate = deactivateAll;
