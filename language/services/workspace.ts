import {
  type AstNode,
  type BuildOptions,
  type Cancellation,
  DefaultDocumentBuilder,
  DefaultIndexManager,
  DefaultWorkspaceManager,
  DocumentState,
  type LangiumDocument,
  type LangiumSharedCoreServices,
  type ReferenceDescription,
  type Stream,
  URI,
  type WorkspaceFolder,
} from 'langium';
import type { PcieServices, PcieSharedServices } from '../module.ts';
import { loadCatalogue } from './catalogue.ts';
import { PcieReferenceDescriptions } from './cross-references.ts';
import { catalogueScheme, importsOf, importTarget } from './imports.ts';

const servicesOf = (shared: LangiumSharedCoreServices, uri: URI) =>
  shared.ServiceRegistry.getServices(uri) as PcieServices;

/** Loads the catalogue beside the workspace, and tells imports where they may read. */
export class PcieWorkspaceManager extends DefaultWorkspaceManager {
  readonly #shared: PcieSharedServices;

  constructor(shared: PcieSharedServices) {
    super(shared);
    this.#shared = shared;
  }

  protected override async loadAdditionalDocuments(
    folders: WorkspaceFolder[],
    collector: (document: LangiumDocument<AstNode>) => void,
  ): Promise<void> {
    this.#shared.ImportRoots.set(folders.map((folder) => URI.parse(folder.uri)));
    for (const document of loadCatalogue(this.#shared)) collector(document);
  }
}

/** Reads imported files that nobody has opened, before anything is linked. */
export class PcieDocumentBuilder extends DefaultDocumentBuilder {
  readonly #shared: PcieSharedServices;

  constructor(shared: PcieSharedServices) {
    super(shared);
    this.#shared = shared;
  }

  protected override async buildDocuments(
    documents: LangiumDocument[],
    options: BuildOptions,
    cancelToken: Cancellation.CancellationToken,
  ): Promise<void> {
    const parsed = await this.#parse(documents, cancelToken);
    await super.buildDocuments([...documents, ...(await this.#load(parsed))], options, cancelToken);
  }

  /** The catalogue is checked by the tests: nothing is said of a file of it, unless somebody has it open. */
  protected override shouldValidate(document: LangiumDocument): boolean {
    const isOpen = this.textDocuments?.get(document.uri) !== undefined;
    return (document.uri.scheme !== catalogueScheme || isOpen) && super.shouldValidate(document);
  }

  /** Imports are known after parsing; a changed document is parsed by its factory at the first phase. */
  async #parse(
    documents: readonly LangiumDocument[],
    cancelToken: Cancellation.CancellationToken,
  ): Promise<LangiumDocument[]> {
    for (const document of documents) {
      if (document.state === 0) {
        await this.langiumDocumentFactory.update(document, cancelToken);
        document.state = 1;
      }
    }
    return [...documents];
  }

  async #load(documents: readonly LangiumDocument[]): Promise<LangiumDocument[]> {
    const loaded: LangiumDocument[] = [];
    const queue = [...documents];
    for (let document = queue.shift(); document !== undefined; document = queue.shift()) {
      if (document.uri.scheme === catalogueScheme) continue;
      const services = servicesOf(this.#shared, document.uri);
      for (const statement of importsOf(document)) {
        const target = importTarget(statement, document.uri, this.#shared.ImportRoots);
        if (target.kind !== 'uri' || this.langiumDocuments.hasDocument(target.uri)) continue;
        try {
          const imported = await services.shared.workspace.LangiumDocuments.getOrCreateDocument(target.uri);
          loaded.push(imported);
          queue.push(imported);
        } catch {
          // Not there or not readable: the rule import/not-found says so at the import.
        }
      }
    }
    return loaded;
  }
}

/** A file is affected by every file that it reaches by imports, cross-references or not. */
export class PcieIndexManager extends DefaultIndexManager {
  readonly #shared: PcieSharedServices;

  constructor(shared: PcieSharedServices) {
    super(shared);
    this.#shared = shared;
  }

  /** Descriptions of references are made when somebody asks for them, not with every letter. */
  override async updateReferences(document: LangiumDocument): Promise<void> {
    this.removeReferences(document.uri);
  }

  override findAllReferences(targetNode: AstNode, astNodePath: string): Stream<ReferenceDescription> {
    for (const document of this.documents.all) {
      const uri = document.uri.toString();
      if (document.state < DocumentState.Linked || this.referenceIndex.has(uri)) continue;
      if (document.uri.scheme === catalogueScheme && !isNamedIn(document, targetNode)) continue;
      const { ReferenceDescriptionProvider: provider } = servicesOf(this.#shared, document.uri).workspace;
      if (provider instanceof PcieReferenceDescriptions) this.referenceIndex.set(uri, provider.describe(document));
    }
    return super.findAllReferences(targetNode, astNodePath);
  }

  /** References lead into files that are reached, or into the catalogue, which does not change. */
  override isAffected(document: LangiumDocument, changedUris: Set<string>): boolean {
    if (document.uri.scheme === catalogueScheme) return false;
    const { Elaborations } = servicesOf(this.#shared, document.uri);
    return Elaborations.reached(document).some((reached) => changedUris.has(reached.uri));
  }
}

/** The catalogue refers to its parts alone; a file of it that does not name one need not be parsed to tell. */
function isNamedIn(document: LangiumDocument, node: AstNode): boolean {
  return node.$type === 'Part' && 'name' in node && document.textDocument.getText().includes(String(node.name));
}
