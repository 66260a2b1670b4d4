import { type AstNode, AstUtils, type LangiumDocument, type LangiumDocuments } from 'langium';
import type { HoverProvider } from 'langium/lsp';
import type { Hover, HoverParams } from 'vscode-languageserver';
import type { ElaboratedMachine } from '../../../language/elaborate/elaborated.ts';
import { metrics } from '../../../language/elaborate/expectations.ts';
import type {
  Allow,
  Component,
  Expectation,
  Machine,
  Measure,
  Part,
  Property,
  Quantity,
  Template,
} from '../../../language/generated/ast.ts';
import { propertyIn } from '../../../language/schema/schema.ts';
import type { Elaborations } from '../../../language/services/elaborations.ts';
import { type Generation, isGeneration } from '../../../model/link/generation.ts';
import { contextsOf } from '../../docs/contexts.ts';
import { clauseDocs, componentDocs, statementDocs } from '../../docs/keywords.ts';
import { code, docCommentOf, generationMarkdown, keywordMarkdown, propertyMarkdown } from '../../docs/markdown.ts';
import { linkOf } from '../../facts.ts';
import type { RunRecord, Settings } from '../../protocol.ts';
import type { RulePages } from '../../rule-pages.ts';
import { featureOf, leafAt } from '../../text/cst.ts';
import { rangeOf } from '../../text/ranges.ts';
import { type Found, type TargetServices, targetAt } from '../navigation/targets.ts';
import { barMarkdown, statedBar } from './bar.ts';
import { componentMarkdown, machineMarkdown } from './component.ts';
import { linkMarkdown } from './link.ts';
import { importMarkdown, partMarkdown, templateMarkdown } from './part.ts';
import { quantityMarkdown } from './quantity.ts';
import { workMarkdown } from './work.ts';

/** What hovers read. Everything is there already: nothing is elaborated for a hover. */
export interface HoverServices extends TargetServices {
  readonly documents: LangiumDocuments;
  readonly elaborations: Elaborations;
  readonly settings: () => Settings;
  readonly pages: RulePages;
  readonly lastRun: (uri: string, name: string) => RunRecord | null;
  readonly rules: () => readonly { readonly code: string; readonly title: string }[];
}

/** Hovers over everything that means something: words, quantities, names, links, parts, work, rules. */
export class PcieHovers implements HoverProvider {
  readonly #services: () => HoverServices;

  constructor(services: () => HoverServices) {
    this.#services = services;
  }

  getHoverContent(document: LangiumDocument, params: HoverParams): Hover | undefined {
    const offset = document.textDocument.offsetAt(params.position);
    const leaf = leafAt(document, offset);
    if (leaf === undefined) return undefined;
    const services = this.#services();
    const found = targetAt(document, offset, services);
    const value =
      (found === undefined ? undefined : namedMarkdown(found, document, services)) ??
      wordMarkdown(leaf.astNode, featureOf(leaf), leaf.text, document, services);
    if (value === undefined || value === '') return undefined;
    return { contents: { kind: 'markdown', value }, range: rangeOf(document, leaf) };
  }
}

/** What a name means. */
function namedMarkdown(found: Found, document: LangiumDocument, services: HoverServices): string | undefined {
  const { target } = found;
  if (target.kind === 'file') return importMarkdown(target.uri, services.documents);
  if (target.kind === 'parameter') return parameterMarkdown(target.template, target.name);
  const { node } = target;
  switch (node.$type) {
    case 'Component':
      return componentHover(found, node as Component, document, services);
    case 'Machine': {
      const machine = machineOf(node, services);
      return machine === undefined ? undefined : machineMarkdown(machine);
    }
    case 'Part':
      return partMarkdown(node as Part, services.elaborations.environment(document));
    case 'Template':
      return templateMarkdown(node as Template);
    case 'Transfer':
    case 'Scenario':
      return workMarkdown(node, AstUtils.getDocument(node), services);
    default: {
      const cst = node.$cstNode;
      return cst === undefined
        ? undefined
        : [docCommentOf(AstUtils.getDocument(node), cst.offset), code(firstLines(cst.text))]
            .filter((text) => text !== '')
            .join('\n\n');
    }
  }
}

const firstLines = (text: string): string => text.split(/\r?\n/).slice(0, 8).join('\n');

function machineOf(node: AstNode, services: HoverServices): ElaboratedMachine | undefined {
  const document = AstUtils.getDocument(node);
  return services.elaborations.structures(document).machines.find((machine) => machine.node === (node as Machine));
}

/** The component that the word means, or all that its statement became. */
function componentHover(
  found: Found,
  node: Component,
  document: LangiumDocument,
  services: HoverServices,
): string | undefined {
  if (found.component !== null) {
    const { machine, id } = found.component;
    return componentMarkdown(machine, [id], services.settings().simulation.tax);
  }
  const machine = machineWith(node, document, services);
  const ids = machine?.componentsOf.get(node) ?? [];
  if (machine === undefined || ids.length === 0) return keywordMarkdown(componentDocs[node.kind]);
  return componentMarkdown(machine, ids, services.settings().simulation.tax);
}

/** A machine of this document (or that it imports) in which a statement became a component. */
function machineWith(node: AstNode, document: LangiumDocument, services: HoverServices): ElaboratedMachine | undefined {
  const own = services.elaborations.structures(document).machines;
  return [...own, ...services.elaborations.get(document).machines].find((machine) => machine.componentsOf.has(node));
}

/** What a word means that is no name. */
function wordMarkdown(
  node: AstNode,
  feature: string | null,
  text: string,
  document: LangiumDocument,
  services: HoverServices,
): string | undefined {
  switch (`${node.$type}.${feature ?? ''}`) {
    case 'Component.kind':
      return keywordMarkdown(componentDocs[(node as Component).kind]);
    case 'Part.kind':
      return text === 'interconnect' ? keywordOf(text) : keywordMarkdown(componentDocs[text as Component['kind']]);
    case 'LinkTerm.text':
      return linkTermHover(node, text, document, services);
    case 'Property.key':
      return propertyHover(node as Property, services, document);
    case 'Quantity.number':
    case 'Quantity.unit':
      return quantityMarkdown(node as Quantity);
    case 'Literal.text':
      return generationOf(text);
    case 'Measure.metric':
      return metrics[(node as Measure).metric]?.doc;
    case 'Allow.code':
    case 'Expectation.code':
      return ruleMarkdown((node as Allow | Expectation).code ?? '', services);
    case 'Transfer.':
    case 'Scenario.':
      return workMarkdown(node, document, services) ?? keywordOf(text);
    case 'Clause.word':
    case 'PropertyClause.word':
      return clauseDocs[text];
    default:
      return keywordOf(text);
  }
}

function keywordOf(text: string): string | undefined {
  const doc = statementDocs[text];
  return doc === undefined ? clauseDocs[text] : keywordMarkdown(doc);
}

function generationOf(text: string): string | undefined {
  const number = Number(/^gen(\d+)$/.exec(text)?.[1]);
  return isGeneration(number) ? generationMarkdown(number as Generation) : undefined;
}

/** The link of the component that says it; in a template that nobody uses, what the words mean. */
function linkTermHover(
  node: AstNode,
  text: string,
  document: LangiumDocument,
  services: HoverServices,
): string | undefined {
  const owner = node.$container;
  const machine = owner === undefined ? undefined : machineWith(owner, document, services);
  const [id] = owner === undefined ? [] : (machine?.componentsOf.get(owner) ?? []);
  const link = machine === undefined || id === undefined ? undefined : linkOf(machine.machine, id);
  if (machine === undefined || link === undefined) return generationOf(text);
  return linkMarkdown(machine.machine, link, services.settings().simulation.tax);
}

function propertyHover(node: Property, services: HoverServices, document: LangiumDocument): string | undefined {
  const doc = statementDocs[node.key];
  const environment = services.elaborations.environment(document);
  const schema = contextsOf(node.$container, environment)
    .map((context) => propertyIn(context, node.key))
    .find((each) => each !== undefined);
  const bar = barHover(node, document, services);
  if (schema !== undefined) {
    return [bar, propertyMarkdown(schema, '')].filter((text) => text !== undefined && text !== '').join('\n\n---\n\n');
  }
  return doc === undefined ? undefined : keywordMarkdown(doc);
}

/** Where the BAR of a statement lies, in the first component that the statement around it became. */
function barHover(node: Property, document: LangiumDocument, services: HoverServices): string | undefined {
  const stated = statedBar(node);
  if (stated === undefined) return undefined;
  const elaborated = machineWith(stated.component, document, services);
  const [id] = elaborated?.componentsOf.get(stated.component) ?? [];
  if (elaborated === undefined || id === undefined) return undefined;
  return barMarkdown(elaborated.machine, id, stated.index, stated.isVirtual);
}

function parameterMarkdown(template: Template, name: string): string | undefined {
  const parameter = template.parameters.find((each) => each.name === name);
  if (parameter === undefined) return undefined;
  const standard = parameter.default?.$cstNode?.text;
  return `Parameter **${name}** of template \`${template.name}\`${standard === undefined ? '' : `, \`${standard}\` by default`}.`;
}

function ruleMarkdown(ruleCode: string, services: HoverServices): string | undefined {
  const rule = services.rules().find((each) => each.code === ruleCode);
  const url = services.pages.urlOf(ruleCode);
  const title = rule === undefined ? undefined : `**${rule.code}**: ${rule.title}`;
  return (
    [title, url === undefined ? undefined : `[About this rule](${url})`]
      .filter((each) => each !== undefined)
      .join('\n\n') || undefined
  );
}
