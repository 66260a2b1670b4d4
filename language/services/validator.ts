import {
  type AstNode,
  Cancellation,
  DefaultDocumentValidator,
  type DiagnosticData,
  interruptAndCheck,
  type LangiumDocument,
  URI,
  type ValidationOptions,
} from 'langium';
import type { Diagnostic } from 'vscode-languageserver-types';
import type { Cost } from '../../simulator/price.ts';
import type { PcieServices, PcieSharedServices } from '../module.ts';
import { type CheckServices, checkDocument, type PlacedFinding, type RuleLevels } from '../rules/check.ts';
import { foldInstances } from '../rules/fold.ts';
import { ruleOf } from '../rules/registry.ts';
import type { Severity } from '../rules/rule.ts';
import { checkAll, withCost } from '../rules/settle.ts';
import { strayBrace } from '../syntax-messages.ts';
import { catalogueScheme } from './imports.ts';
import { linkingCode } from './scope.ts';

/** What the host sets: severities by rule, and where the pages of the rules are. */
export class RuleSettings {
  levels: RuleLevels = {};
  /**
   * Whether costs and runs are worked out with the first diagnostics. A host that people type into leaves them out and
   * brings them later, by `PcieValidator.diagnosticsWith`.
   */
  simulates = true;
  /** What a finding costs where that is known already, and null where it costs nothing; undefined: not known. */
  costOf: (price: NonNullable<PlacedFinding['price']>) => Cost | null | undefined = () => undefined;
  /** The page of a rule, or undefined where there are none. */
  pageOf: (code: string) => string | undefined = () => undefined;
}

function withKnownCost(finding: PlacedFinding, { costOf }: RuleSettings): PlacedFinding {
  const known = finding.price === null ? undefined : costOf(finding.price);
  return known === undefined ? finding : withCost(finding, known);
}

/** Severity numbers of the Language Server Protocol. */
const severities: Readonly<Record<Severity, 1 | 2 | 3 | 4>> = { error: 1, warning: 2, information: 3, hint: 4 };

/** Diagnostics of a file: what the parser and the linker could not read, then what the rules say. */
export class PcieValidator extends DefaultDocumentValidator {
  readonly #services: PcieServices;
  readonly #syntax = new WeakMap<LangiumDocument, Diagnostic[]>();
  readonly #findings = new WeakMap<LangiumDocument, readonly PlacedFinding[]>();

  constructor(services: PcieServices) {
    super(services);
    this.#services = services;
  }

  override async validateDocument(
    document: LangiumDocument,
    options: ValidationOptions = {},
    token = Cancellation.CancellationToken.None,
  ): Promise<Diagnostic[]> {
    if (document.uri.scheme === catalogueScheme) return [];
    const syntax = (await super.validateDocument(document, options, token)).flatMap((one) =>
      this.#withCode(one, document),
    );
    // A brace that closes nothing most often follows from what could not be read before it.
    const isFirst = (one: Diagnostic) => syntax.find(({ code }) => code === 'language/syntax') === one;
    const told = syntax.filter((one) => !String(one.message).startsWith(strayBrace) || isFirst(one));
    await interruptAndCheck(token);
    const { RuleSettings: settings } = this.#services.shared as PcieSharedServices;
    let findings: PlacedFinding[] = [];
    try {
      findings = settings.simulates
        ? checkAll(document, this.checks, settings.levels)
        : checkDocument(document, this.checks, settings.levels).map((finding) => withKnownCost(finding, settings));
    } catch (error) {
      // A defect of ours must not take the other diagnostics with it, nor stay unsaid.
      const start = { line: 0, character: 0 };
      const what = error instanceof Error ? error.message : String(error);
      const message = `The rules failed on this file, which is a defect of PCIe Topology: ${what}`;
      told.push({ range: { start, end: start }, severity: 1, source: 'pcie', code: 'language/syntax', message });
    }
    this.#syntax.set(document, told);
    this.#findings.set(document, findings);
    return [...told, ...this.#diagnosticsOf(findings, document)];
  }

  /** What the rules read. */
  get checks(): CheckServices {
    return {
      elaborations: this.#services.Elaborations,
      roots: (this.#services.shared as PcieSharedServices).ImportRoots,
    };
  }

  /** The findings of the last validation of a document. */
  findings(document: LangiumDocument): readonly PlacedFinding[] {
    return this.#findings.get(document) ?? [];
  }

  /** The diagnostics of the last validation with other findings: those that are priced. */
  diagnosticsWith(findings: readonly PlacedFinding[], document: LangiumDocument): Diagnostic[] {
    return [...(this.#syntax.get(document) ?? []), ...this.#diagnosticsOf(findings, document)];
  }

  /** No checks by node type: the rules look at the elaborated machine. */
  protected override async validateAst(_root: AstNode): Promise<Diagnostic[]> {
    return [];
  }

  /** Lexer, parser and linker errors get the codes of their rules. */
  #withCode(diagnostic: Diagnostic, document: LangiumDocument): Diagnostic[] {
    const data = diagnostic.data as DiagnosticData | undefined;
    const said = typeof diagnostic.message === 'string' ? diagnostic.message : diagnostic.message.value;
    let code = 'language/syntax';
    let fixes: unknown[] = [];
    if (data?.code === 'linking-error') {
      const linking = diagnostic.data as { containerType?: string; refText?: string; property?: string };
      code =
        linking.containerType === 'PartUse' || linking.containerType === 'Part'
          ? linkingCode('Part')
          : linking.containerType === 'Use'
            ? linkingCode('Template')
            : linkingCode('');
      fixes = [...(/Did you mean (.*)\?$/.exec(said)?.[1] ?? '').split(' or ')]
        .filter((guess) => guess !== '')
        .map((guess) => ({
          title: `Write ${guess}`,
          edits: [{ uri: document.uri.toString(), range: diagnostic.range, newText: guess }],
        }));
    }
    const shared = this.#services.shared as PcieSharedServices;
    const level = shared.RuleSettings.levels[code] ?? ruleOf(code)?.severity ?? 'error';
    if (level === 'off') return [];
    const href = shared.RuleSettings.pageOf(code);
    // A line break that cannot stand there would end behind its line: positions stay within the text.
    const inText = (position: Diagnostic['range']['start']) =>
      document.textDocument.positionAt(document.textDocument.offsetAt(position));
    return [
      {
        ...diagnostic,
        range: { start: inText(diagnostic.range.start), end: inText(diagnostic.range.end) },
        message: said,
        severity: severities[level],
        source: 'pcie',
        code,
        ...(href === undefined ? {} : { codeDescription: { href } }),
        data: { code, fixes },
      },
    ];
  }

  #diagnosticsOf(findings: readonly PlacedFinding[], document: LangiumDocument): Diagnostic[] {
    return foldInstances(findings).map((finding) => this.#diagnostic(finding, document));
  }

  #diagnostic(finding: PlacedFinding, document: LangiumDocument): Diagnostic {
    const shared = this.#services.shared as PcieSharedServices;
    const text = document.textDocument;
    const range = (offset: number, end: number) => ({ start: text.positionAt(offset), end: text.positionAt(end) });
    const { LangiumDocuments: documents } = shared.workspace;
    const inFile = (uri: string) =>
      uri === document.uri.toString() ? document : documents.getDocument(URI.parse(uri));
    const href = shared.RuleSettings.pageOf(finding.code);
    const fixes = finding.fixes.map((fix) => ({
      title: fix.title,
      edits: fix.edits.flatMap((edit) => {
        const target = inFile(edit.uri);
        if (target === undefined) return [];
        const place = {
          start: target.textDocument.positionAt(edit.offset),
          end: target.textDocument.positionAt(edit.end),
        };
        return [{ uri: edit.uri, range: place, newText: edit.text }];
      }),
    }));
    const related = finding.related.flatMap((one) => {
      const target = inFile(one.uri);
      if (target === undefined) return [];
      const place = { start: target.textDocument.positionAt(one.offset), end: target.textDocument.positionAt(one.end) };
      return [{ location: { uri: one.uri, range: place }, message: one.message }];
    });
    return {
      range: range(finding.offset, finding.end),
      severity: severities[finding.severity],
      source: 'pcie',
      code: finding.code,
      message: finding.message,
      ...(href === undefined ? {} : { codeDescription: { href } }),
      ...(related.length > 0 ? { relatedInformation: related } : {}),
      ...(finding.code === 'part/unused' ? { tags: [1] } : {}),
      data: {
        code: finding.code,
        fixes,
        subjects: finding.subjects,
        ...(finding.remedies.length === 0 ? {} : { remedies: finding.remedies }),
        ...(finding.cost === null ? {} : { cost: finding.cost }),
      },
    };
  }
}
