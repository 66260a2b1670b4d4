import { type Diagnostic, type ExtensionContext, type LogOutputChannel, Uri, workspace } from 'vscode';
import { type LanguageClientOptions, RevealOutputChannelOn } from 'vscode-languageclient';
import { type InitializationOptions, scheme } from '../../server/protocol.ts';
import type { Platform } from '../platform.ts';
import { documentSchemes } from './schemes.ts';

/**
 * How the language client runs: what it looks after, and what the server is told about this editor.
 *
 * @param diagnostic what becomes of a diagnostic before it is shown
 */
export function clientOptions(
  context: ExtensionContext,
  platform: Platform,
  log: LogOutputChannel,
  diagnostic: (diagnostic: Diagnostic) => Diagnostic,
): LanguageClientOptions {
  const folders = (workspace.workspaceFolders ?? []).map((folder) => folder.uri.scheme);
  const initializationOptions: InitializationOptions = {
    views: true,
    files: true,
    docsUrl: Uri.joinPath(context.extensionUri, 'docs', 'rules', '/').toString(),
    ...workerOption(platform.workerUrl(context.extensionUri)),
  };
  return {
    documentSelector: documentSchemes(folders, scheme.catalogue).map((each) => ({ scheme: each, language: 'pcie' })),
    outputChannel: log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    progressOnInitialization: true,
    initializationOptions,
    middleware: {
      handleDiagnostics: (uri, diagnostics, next) => next(uri, diagnostics.map(diagnostic)),
    },
  };
}

const workerOption = (url: Uri | undefined): Pick<InitializationOptions, 'workerUrl'> =>
  url === undefined ? {} : { workerUrl: url.toString(true) };
