import {
  type AstNode,
  type Cancellation,
  DefaultLangiumDocumentFactory,
  DocumentState,
  type LangiumDocument,
  type LangiumSharedCoreServices,
  type Mutable,
  type ParseResult,
} from 'langium';
import type { PcieFile } from '../generated/ast.ts';
import { reparse } from './reparse.ts';

/** Documents of open editors are parsed again only where an edit touched them. */
export class PcieDocumentFactory extends DefaultLangiumDocumentFactory {
  readonly #shared: LangiumSharedCoreServices;

  constructor(shared: LangiumSharedCoreServices) {
    super(shared);
    this.#shared = shared;
  }

  override async update<T extends AstNode = AstNode>(
    document: Mutable<LangiumDocument<T>>,
    cancelToken: Cancellation.CancellationToken,
  ): Promise<LangiumDocument<T>> {
    const textDocument = this.textDocuments?.get(document.uri.toString());
    if (textDocument !== undefined && document.parseResult.value.$type === 'PcieFile') {
      const { parser, references } = this.#shared.ServiceRegistry.getServices(document.uri);
      const before = document.parseResult as unknown as ParseResult<PcieFile>;
      const result = reparse(before, textDocument.getText(), parser.LangiumParser, references.Linker);
      if (result !== undefined) {
        Object.defineProperty(document, 'textDocument', { value: textDocument, configurable: true });
        document.parseResult = result as unknown as ParseResult<T>;
        (document.parseResult.value as Mutable<AstNode>).$document = document;
        document.state = DocumentState.Parsed;
        return document;
      }
    }
    return super.update(document, cancelToken);
  }
}
