import type { ExtensionContext, Uri } from 'vscode';
import type { BaseLanguageClient, DynamicFeature, LanguageClientOptions, StaticFeature } from 'vscode-languageclient';

export const clientId = 'pcie';
export const clientName = 'PCIe Topology';

/** What differs between VS Code on a machine and VS Code in a browser. */
export interface Platform {
  readonly createClient: (context: ExtensionContext, options: LanguageClientOptions) => BaseLanguageClient;
  /** The simulator's worker, where the server cannot find it by itself. */
  readonly workerUrl: (extension: Uri) => Uri | undefined;
}

/**
 * True for the client's feature that registers the commands of a server with VS Code. Ours are registered by the
 * features here, so that they exist before the server runs and after it failed; registering them twice is an error.
 */
export function registersServerCommands(feature: StaticFeature | DynamicFeature<unknown>): boolean {
  return 'registrationType' in feature && feature.registrationType.method === 'workspace/executeCommand';
}
