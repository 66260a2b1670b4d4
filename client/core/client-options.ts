import {
  CodeLens,
  commands,
  type Diagnostic,
  type ExtensionContext,
  type LogOutputChannel,
  Uri,
  workspace,
} from 'vscode';
import { type LanguageClientOptions, RevealOutputChannelOn } from 'vscode-languageclient';
import { type InitializationOptions, scheme } from '../../server/protocol.ts';
import type { Platform } from '../platform.ts';
import { LensCommands } from './lens-commands.ts';
import { mayFollow, mayOpenOutside } from './links.ts';
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
  const documents = documentSchemes(folders, scheme.catalogue);
  const initializationOptions: InitializationOptions = {
    views: true,
    files: true,
    docsUrl: Uri.joinPath(context.extensionUri, 'docs', 'rules', '/').toString(),
    ...workerOption(platform.workerUrl(context.extensionUri)),
  };
  const lenses = new LensCommands((id, { command, arguments: args = [] }) =>
    commands.registerCommand(id, () => commands.executeCommand(command, ...args)),
  );
  context.subscriptions.push(
    lenses,
    workspace.onDidCloseTextDocument(({ uri }) => lenses.forget(uri.toString())),
  );
  return {
    documentSelector: documents.map((each) => ({ scheme: each, language: 'pcie' })),
    outputChannel: log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    progressOnInitialization: true,
    initializationOptions,
    middleware: {
      handleDiagnostics: (uri, diagnostics, next) => next(uri, diagnostics.map(diagnostic)),
      async provideCodeLenses(document, token, next) {
        const shown = (await next(document, token)) ?? [];
        const targets = shown.flatMap(({ command }) => (command === undefined ? [] : [command]));
        const ids = lenses.ids(document.uri.toString(), targets).values();
        return shown.map(({ range, command }) => {
          if (command === undefined) return new CodeLens(range);
          const { value: id = command.command } = ids.next();
          return new CodeLens(range, { title: command.title, command: id });
        });
      },
      // Links come out of texts that anybody may have written.
      async provideDocumentLinks(document, token, next) {
        const links = await next(document, token);
        return links?.filter(({ target }) => target === undefined || mayFollow(target.scheme, documents));
      },
      window: {
        async showDocument(params, token, next) {
          const { scheme: target } = Uri.parse(params.uri);
          if (params.external === true && !mayOpenOutside(target)) return { success: false };
          return next(params, token);
        },
      },
    },
  };
}

const workerOption = (url: Uri | undefined): Pick<InitializationOptions, 'workerUrl'> =>
  url === undefined ? {} : { workerUrl: url.toString(true) };
