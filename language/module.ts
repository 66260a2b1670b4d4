import {
  createDefaultCoreModule,
  createDefaultSharedCoreModule,
  type DefaultSharedCoreModuleContext,
  inject,
  type LangiumCoreServices,
  type LangiumSharedCoreServices,
  type Module,
  type PartialLangiumCoreServices,
  type PartialLangiumSharedCoreServices,
} from 'langium';
import { PcieGeneratedModule, PcieGeneratedSharedModule } from './generated/module.ts';
import { PcieLexer } from './lexer.ts';
import { createPcieParser } from './parser.ts';
import { PcieReferenceDescriptions } from './services/cross-references.ts';
import { PcieDocumentFactory } from './services/documents.ts';
import { Elaborations } from './services/elaborations.ts';
import { ImportRoots } from './services/imports.ts';
import { PcieLinker, PcieScopeComputation, PcieScopeProvider } from './services/scope.ts';
import { PcieValidator, RuleSettings } from './services/validator.ts';
import { PcieDocumentBuilder, PcieIndexManager, PcieWorkspaceManager } from './services/workspace.ts';

import { CharacterMessages, SyntaxMessages } from './syntax-messages.ts';

/** What this language adds to Langium's services. */
export interface PcieAddedServices {
  readonly Elaborations: Elaborations;
}
export type PcieServices = LangiumCoreServices & PcieAddedServices;

/** What this language adds to the services that all documents share. */
export interface PcieAddedSharedServices {
  readonly ImportRoots: ImportRoots;
  readonly RuleSettings: RuleSettings;
}
export type PcieSharedServices = LangiumSharedCoreServices & PcieAddedSharedServices;

export const PcieModule: Module<PcieServices, PartialLangiumCoreServices & PcieAddedServices> = {
  Elaborations: (services) =>
    new Elaborations(services.shared.workspace.LangiumDocuments, (services.shared as PcieSharedServices).ImportRoots),
  parser: {
    Lexer: (services) => new PcieLexer(services),
    LangiumParser: (services) => createPcieParser(services),
    ParserErrorMessageProvider: () => new SyntaxMessages(),
    LexerErrorMessageProvider: () => new CharacterMessages(),
  },
  validation: {
    DocumentValidator: (services) => new PcieValidator(services),
  },
  references: {
    ScopeComputation: (services) => new PcieScopeComputation(services),
    ScopeProvider: (services) => new PcieScopeProvider(services),
    Linker: (services) => new PcieLinker(services),
  },
  workspace: {
    ReferenceDescriptionProvider: (services) => new PcieReferenceDescriptions(services),
  },
};

export const PcieSharedModule: Module<PcieSharedServices, PartialLangiumSharedCoreServices & PcieAddedSharedServices> =
  {
    ImportRoots: () => new ImportRoots(),
    RuleSettings: () => new RuleSettings(),
    workspace: {
      WorkspaceManager: (services) => new PcieWorkspaceManager(services),
      DocumentBuilder: (services) => new PcieDocumentBuilder(services),
      IndexManager: (services) => new PcieIndexManager(services),
      LangiumDocumentFactory: (services) => new PcieDocumentFactory(services),
    },
  };

/**
 * The language without an editor: parsing, linking, elaboration, rules. For the command line, tests and libraries.
 *
 * @param context where files are read from; `EmptyFileSystem` for a browser worker
 */
export function createPcieServices(context: DefaultSharedCoreModuleContext): {
  readonly shared: PcieSharedServices;
  readonly pcie: PcieServices;
} {
  const shared = inject(createDefaultSharedCoreModule(context), PcieGeneratedSharedModule, PcieSharedModule);
  const pcie = inject(createDefaultCoreModule({ shared }), PcieGeneratedModule, PcieModule);
  shared.ServiceRegistry.register(pcie);
  return { shared, pcie };
}
