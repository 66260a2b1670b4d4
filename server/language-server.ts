import { DocumentState } from 'langium';
import { createRequestHandler, DefaultLanguageServer } from 'langium/lsp';
import type { Connection, InitializeParams, InitializeResult, SelectionRangeParams } from 'vscode-languageserver';
import { selectionRanges } from './features/selection-ranges.ts';
import type { ServerSharedServices } from './module.ts';

/** Langium's server with what it leaves out: selection ranges, and a name. */
export class PcieLanguageServer extends DefaultLanguageServer {
  protected override buildInitializeResult(params: InitializeParams): InitializeResult {
    const result = super.buildInitializeResult(params);
    return {
      ...result,
      capabilities: {
        ...result.capabilities,
        selectionRangeProvider: true,
        // Requests of the same kind for a position report progress by themselves.
        ...(result.capabilities.executeCommandProvider === undefined
          ? {}
          : { executeCommandProvider: { ...result.capabilities.executeCommandProvider, workDoneProgress: true } }),
      },
      serverInfo: { name: 'pcie-language-server' },
    };
  }
}

/** Answers requests that Langium knows no service for. */
export function addSelectionRangeHandler(connection: Connection, shared: ServerSharedServices): void {
  connection.onSelectionRanges(
    createRequestHandler(
      (_services, document, params: SelectionRangeParams) => selectionRanges(document, params.positions),
      shared,
      DocumentState.Parsed,
    ),
  );
}
