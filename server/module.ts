import { inject, type LangiumDocument, type Module } from 'langium';
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
import { checkDocument } from '../language/rules/check.ts';
import { rules } from '../language/rules/registry.ts';
import type { PcieScopeProvider } from '../language/services/scope.ts';
import { PcieCommands } from './commands.ts';
import { PcieCompletion } from './completion/provider.ts';
import { PcieContent } from './content.ts';
import { PcieCallHierarchy } from './features/call-hierarchy.ts';
import { PcieCodeLenses } from './features/code-lenses.ts';
import { PcieDocumentLinks } from './features/document-links.ts';
import { PcieFixes } from './features/fixes.ts';
import { PcieFolding } from './features/folding.ts';
import { PcieFormatting } from './features/formatting.ts';
import { PcieHovers } from './features/hover/provider.ts';
import { PcieInlayHints } from './features/inlay-hints.ts';
import { PcieNavigation } from './features/navigation/providers.ts';
import { PcieRename } from './features/navigation/rename.ts';
import { PcieSemanticTokens } from './features/semantic-tokens.ts';
import { PcieDocumentSymbols, PcieNodeKinds, PcieWorkspaceSymbols } from './features/symbols.ts';
import { PcieLanguageServer } from './language-server.ts';
import { Operations } from './operations.ts';
import { RulePages } from './rule-pages.ts';
import { localWorker } from './runs/ports.local.ts';
import { Runner, type StartWorker } from './runs/runner.ts';
import { RunService } from './runs/service.ts';
import { PcieConfiguration } from './settings.ts';
import { StatusReporter } from './status.ts';

/** What the server adds for all documents. */
export interface ServerAddedSharedServices {
  readonly RulePages: RulePages;
  readonly Operations: Operations;
  readonly Runs: RunService;
  readonly Status: StatusReporter;
}

/** What the server adds for the language. */
export interface ServerAddedServices {
  readonly Navigation: PcieNavigation;
}

export type ServerServices = LangiumServices & PcieAddedServices & ServerAddedServices;
export type ServerSharedServices = LangiumSharedServices & PcieAddedSharedServices & ServerAddedSharedServices;

/** What the host gives to the server. */
export interface ServerContext extends DefaultSharedModuleContext {
  /** Starts the simulator; without it runs happen in this thread. */
  readonly startWorker?: StartWorker;
}

/** The settings as they are now. */
const settingsOf = (shared: LangiumSharedServices) =>
  (shared.workspace.ConfigurationProvider as PcieConfiguration).current;

/** The table of contents of the server: one service a feature. */
function createServerModule(
  shared: ServerSharedServices,
): Module<ServerServices, PartialLangiumServices & ServerAddedServices> {
  return {
    Navigation: (services) =>
      new PcieNavigation(() => ({
        scopes: services.references.ScopeProvider as PcieScopeProvider,
        roots: shared.ImportRoots,
        documents: shared.workspace.LangiumDocuments,
        references: services.references.References,
      })),
    lsp: {
      CallHierarchyProvider: (services) =>
        new PcieCallHierarchy(
          services.Navigation.services,
          () => services.Elaborations,
          shared.workspace.LangiumDocuments,
        ),
      CodeActionProvider: (services) => new PcieFixes(services, () => shared.Operations.views),
      CodeLensProvider: (services) =>
        new PcieCodeLenses(services.Elaborations, shared.Runs.store, () => settingsOf(shared)),
      CompletionProvider: (services) => new PcieCompletion(services, shared, () => rules),
      DefinitionProvider: (services) => services.Navigation,
      DocumentHighlightProvider: (services) => services.Navigation,
      DocumentLinkProvider: () => new PcieDocumentLinks(shared.ImportRoots, shared.RulePages),
      DocumentSymbolProvider: () => new PcieDocumentSymbols(),
      FoldingRangeProvider: () => new PcieFolding(),
      HoverProvider: (services) =>
        new PcieHovers(() => ({
          ...services.Navigation.services(),
          elaborations: services.Elaborations,
          settings: () => settingsOf(shared),
          pages: shared.RulePages,
          lastRun: (uri, name) => shared.Runs.store.last(uri, name),
          rules: () => rules,
        })),
      InlayHintProvider: (services) => new PcieInlayHints(services.Elaborations, () => settingsOf(shared)),
      Formatter: (services) => new PcieFormatting(services),
      ReferencesProvider: (services) => services.Navigation,
      RenameProvider: (services) => new PcieRename(services.Navigation),
      SemanticTokenProvider: () => new PcieSemanticTokens(),
      TypeProvider: (services) => services.Navigation,
    },
  };
}

/** Services for all documents; `language` is asked late, when its services exist. */
function createServerSharedModule(
  context: ServerContext,
  language: () => ServerServices,
): Module<ServerSharedServices, PartialLangiumSharedServices & ServerAddedSharedServices> {
  const elaborations = () => language().Elaborations;
  return {
    Operations: (services) =>
      new Operations(context.connection, services.workspace.LangiumDocuments, elaborations, services.Runs, () =>
        settingsOf(services),
      ),
    RulePages: () => new RulePages(),
    Runs: (services) => {
      const runner = new Runner(context.startWorker ?? localWorker);
      const check = (document: LangiumDocument) =>
        checkDocument(document, { elaborations: elaborations(), roots: services.ImportRoots });
      return new RunService(
        services.workspace.LangiumDocuments,
        elaborations,
        () => settingsOf(services),
        runner,
        check,
      );
    },
    Status: () => new StatusReporter(context.connection),
    lsp: {
      ExecuteCommandHandler: (services) => new PcieCommands(() => services.Operations, context.connection),
      LanguageServer: (services) => new PcieLanguageServer(services),
      NodeKindProvider: () => new PcieNodeKinds(),
      TextDocumentContentProvider: (services) => new PcieContent(services, () => services.Operations),
      WorkspaceSymbolProvider: (services) => new PcieWorkspaceSymbols(services),
    },
    workspace: {
      ConfigurationProvider: (services) => new PcieConfiguration(services),
    },
  };
}

/**
 * The language with its language server.
 *
 * @param context the connection to the editor (absent in tests), where files are read from, how the simulator starts
 */
export function createServerServices(context: ServerContext): {
  readonly shared: ServerSharedServices;
  readonly pcie: ServerServices;
} {
  let language: ServerServices | undefined;
  const shared = inject(
    createDefaultSharedModule(context),
    PcieGeneratedSharedModule,
    PcieSharedModule,
    createServerSharedModule(context, () => {
      if (language === undefined) throw new Error('The services of the language are asked for before they exist.');
      return language;
    }),
  );
  const pcie = inject(createDefaultModule({ shared }), PcieGeneratedModule, PcieModule, createServerModule(shared));
  language = pcie;
  shared.ServiceRegistry.register(pcie);
  return { shared, pcie };
}
