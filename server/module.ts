import { inject, type Module } from 'langium';
import {
  createDefaultModule,
  createDefaultSharedModule,
  type DefaultSharedModuleContext,
  type LangiumServices,
  type LangiumSharedServices,
  type PartialLangiumServices,
  type PartialLangiumSharedServices,
} from 'langium/lsp';
import { PcieGeneratedModule, PcieGeneratedSharedModule } from '../language/generated/module.ts';
import {
  type PcieAddedServices,
  type PcieAddedSharedServices,
  PcieModule,
  PcieSharedModule,
} from '../language/module.ts';
import { PcieCompletion } from './completion/provider.ts';
import { PcieDocumentLinks } from './features/document-links.ts';
import { PcieFolding } from './features/folding.ts';
import { PcieFormatting } from './features/formatting.ts';
import { PcieSemanticTokens } from './features/semantic-tokens.ts';
import { PcieDocumentSymbols, PcieNodeKinds, PcieWorkspaceSymbols } from './features/symbols.ts';
import { RulePages } from './rule-pages.ts';

/** What the server adds for all documents. */
export interface ServerAddedSharedServices {
  readonly RulePages: RulePages;
}

export type ServerServices = LangiumServices & PcieAddedServices;
export type ServerSharedServices = LangiumSharedServices & PcieAddedSharedServices & ServerAddedSharedServices;

/** The table of contents of the server: one service a feature. */
function createServerModule(shared: ServerSharedServices): Module<ServerServices, PartialLangiumServices> {
  return {
    lsp: {
      CompletionProvider: (services) => new PcieCompletion(services, shared, () => []),
      DocumentLinkProvider: () => new PcieDocumentLinks(shared.ImportRoots, shared.RulePages),
      DocumentSymbolProvider: () => new PcieDocumentSymbols(),
      FoldingRangeProvider: () => new PcieFolding(),
      Formatter: (services) => new PcieFormatting(services),
      SemanticTokenProvider: () => new PcieSemanticTokens(),
    },
  };
}

const ServerSharedModule: Module<ServerSharedServices, PartialLangiumSharedServices & ServerAddedSharedServices> = {
  RulePages: () => new RulePages(),
  lsp: {
    NodeKindProvider: () => new PcieNodeKinds(),
    WorkspaceSymbolProvider: (services) => new PcieWorkspaceSymbols(services),
  },
};

/**
 * The language with its language server.
 *
 * @param context the connection to the editor (absent in tests) and where files are read from
 */
export function createServerServices(context: DefaultSharedModuleContext): {
  readonly shared: ServerSharedServices;
  readonly pcie: ServerServices;
} {
  const shared = inject(
    createDefaultSharedModule(context),
    PcieGeneratedSharedModule,
    PcieSharedModule,
    ServerSharedModule,
  );
  const pcie = inject(createDefaultModule({ shared }), PcieGeneratedModule, PcieModule, createServerModule(shared));
  shared.ServiceRegistry.register(pcie);
  return { shared, pcie };
}
