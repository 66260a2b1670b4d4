import { type AstNode, type LangiumDocument, type LangiumDocuments, URI } from 'langium';
import type { CallHierarchyProvider } from 'langium/lsp';
import type {
  CallHierarchyIncomingCall,
  CallHierarchyIncomingCallsParams,
  CallHierarchyItem,
  CallHierarchyOutgoingCall,
  CallHierarchyOutgoingCallsParams,
  CallHierarchyPrepareParams,
  Range,
} from 'vscode-languageserver';
import { SymbolKind } from 'vscode-languageserver';
import type { ElaboratedMachine } from '../../language/elaborate/elaborated.ts';
import type { Statement } from '../../language/generated/ast.ts';
import type { Elaborations } from '../../language/services/elaborations.ts';
import { linkLabel } from '../../model/link/generation.ts';
import { componentAt } from '../../model/machine.ts';
import { formatBytes } from '../../model/quantity.ts';
import { linkOf } from '../facts.ts';
import { type Flow, flowsOf } from '../flows.ts';
import { rangeOf } from '../text/ranges.ts';
import { type TargetServices, targetAt } from './navigation/targets.ts';
import { symbolOf } from './symbols.ts';

/** What an item stands for; travels with it. */
interface ItemData {
  /** The document whose work flows. */
  readonly uri: string;
  readonly machine: string;
  /** A component by its qualified name, or the offset of a transfer. */
  readonly component?: string;
  readonly transfer?: number;
}

/** More elements of one array than this are no longer listed. */
const mostItems = 32;

/**
 * What flows through a port, a link or a device: incoming calls are what the data comes from, outgoing calls where it
 * goes next. A transfer leads to everything that it passes.
 */
export class PcieCallHierarchy implements CallHierarchyProvider {
  readonly #services: () => TargetServices;
  readonly #elaborations: () => Elaborations;
  readonly #documents: LangiumDocuments;

  constructor(services: () => TargetServices, elaborations: () => Elaborations, documents: LangiumDocuments) {
    this.#services = services;
    this.#elaborations = elaborations;
    this.#documents = documents;
  }

  prepareCallHierarchy(document: LangiumDocument, params: CallHierarchyPrepareParams): CallHierarchyItem[] | undefined {
    const found = targetAt(document, document.textDocument.offsetAt(params.position), this.#services());
    if (found?.target.kind !== 'node') return undefined;
    const { node } = found.target;
    const uri = document.uri.toString();
    if (node.$type === 'Transfer') return this.#transferItems(document, node);
    if (node.$type !== 'Component') return undefined;
    const machine = found.component?.machine ?? this.#machineWith(document, node);
    if (machine === undefined) return undefined;
    const ids = found.component === null ? (machine.componentsOf.get(node) ?? []) : [found.component.id];
    return ids.slice(0, mostItems).flatMap((id) => this.#componentItem(machine, id, uri, '') ?? []);
  }

  incomingCalls(params: CallHierarchyIncomingCallsParams): CallHierarchyIncomingCall[] | undefined {
    return this.#neighbours(params.item, -1)?.map(({ item, ranges }) => ({ from: item, fromRanges: ranges }));
  }

  outgoingCalls(params: CallHierarchyOutgoingCallsParams): CallHierarchyOutgoingCall[] | undefined {
    return this.#neighbours(params.item, 1)?.map(({ item, ranges }) => ({ to: item, fromRanges: ranges }));
  }

  /** What lies one step before or behind an item, on all flows that pass it. */
  #neighbours(of: CallHierarchyItem, step: 1 | -1): { item: CallHierarchyItem; ranges: Range[] }[] | undefined {
    const data = of.data as ItemData | undefined;
    const document = data === undefined ? undefined : this.#documents.getDocument(URI.parse(data.uri));
    if (data === undefined || document === undefined) return undefined;
    const flows = flowsOf(this.#elaborations().get(document)).filter(
      (flow) => flow.machine.machine.name === data.machine,
    );
    const found = new Map<number, Flow[]>();
    const add = (id: number, flow: Flow) => {
      const known = found.get(id) ?? [];
      found.set(id, known.includes(flow) ? known : [...known, flow]);
    };
    if (data.transfer !== undefined) {
      if (step === -1) return [];
      for (const flow of flows) if (flow.origin.offset === data.transfer) for (const id of flow.path) add(id, flow);
    } else {
      for (const flow of flows) {
        for (const [index, id] of flow.path.entries()) {
          const next = flow.path[index + step];
          if (componentAt(flow.machine.machine, id).name === data.component && next !== undefined) add(next, flow);
        }
      }
    }
    return [...found].flatMap(([id, through]) => {
      const [first] = through;
      const item =
        first === undefined ? undefined : this.#componentItem(first.machine, id, data.uri, flowsDetail(through));
      const ranges = through
        .filter((flow) => flow.origin.uri === data.uri)
        .map((flow) => rangeOf(document, flow.origin));
      return item === undefined ? [] : [{ item, ranges: item.uri === data.uri ? ranges : [item.selectionRange] }];
    });
  }

  #machineWith(document: LangiumDocument, node: AstNode): ElaboratedMachine | undefined {
    const { machines } = this.#elaborations().get(document);
    return machines.find((machine) => machine.componentsOf.has(node));
  }

  #transferItems(document: LangiumDocument, node: AstNode): CallHierarchyItem[] {
    const offset = node.$cstNode?.offset;
    const flow = flowsOf(this.#elaborations().get(document)).find((each) => each.origin.offset === offset);
    const cst = node.$cstNode;
    if (flow === undefined || cst === undefined) return [];
    const data: ItemData = { uri: document.uri.toString(), machine: flow.machine.machine.name, transfer: cst.offset };
    const range = rangeOf(document, cst);
    return [
      {
        name: flow.label,
        kind: SymbolKind.Function,
        detail: flowsDetail([flow]),
        uri: data.uri,
        range,
        selectionRange: range,
        data,
      },
    ];
  }

  #componentItem(machine: ElaboratedMachine, id: number, uri: string, flows: string): CallHierarchyItem | undefined {
    const component = componentAt(machine.machine, id);
    const declared = this.#documents.getDocument(URI.parse(component.nameOrigin.uri));
    const node = machine.nodes[id];
    if (declared === undefined || node === undefined) return undefined;
    const link = linkOf(machine.machine, id);
    const detail = [component.kind, link === undefined ? '' : linkLabel(link.trained), flows]
      .filter((word) => word !== '')
      .join(' · ');
    const data: ItemData = { uri, machine: machine.machine.name, component: component.name };
    return {
      name: machine.names.shortest(id),
      kind: symbolOf(node as Statement)?.kind ?? SymbolKind.Object,
      detail,
      uri: component.nameOrigin.uri,
      range: rangeOf(declared, component.origin),
      selectionRange: rangeOf(declared, component.nameOrigin),
      data,
    };
  }
}

/** `load 4 GiB, step: a 1 GiB`. */
function flowsDetail(flows: readonly Flow[]): string {
  const words = flows.map((flow) => `${flow.label} ${formatBytes(flow.transfer.bytes)}`);
  return words.length > 4 ? `${words.slice(0, 3).join(', ')} and ${words.length - 3} more` : words.join(', ');
}
