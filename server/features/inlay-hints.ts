import { GrammarUtils, interruptAndCheck, type LangiumDocument } from 'langium';
import type { InlayHintProvider } from 'langium/lsp';
import { CancellationToken, type InlayHint, type InlayHintParams } from 'vscode-languageserver';
import type { ElaboratedMachine, Elaboration } from '../../language/elaborate/elaborated.ts';
import type { Component, PcieFile, Transfer as TransferNode } from '../../language/generated/ast.ts';
import type { Elaborations } from '../../language/services/elaborations.ts';
import { linkLabel } from '../../model/link/generation.ts';
import { formatRate } from '../../model/quantity.ts';
import type { Transfer } from '../../model/work.ts';
import { linkBandwidthOf, linkOf } from '../facts.ts';
import { forecastOf } from '../forecast.ts';
import type { Settings } from '../protocol.ts';
import { statementsBetween } from '../text/cst.ts';

/** Behind a port what its link carries, behind a transfer what it will reach. */
export class PcieInlayHints implements InlayHintProvider {
  readonly #elaborations: Elaborations;
  readonly #settings: () => Settings;

  constructor(elaborations: Elaborations, settings: () => Settings) {
    this.#elaborations = elaborations;
    this.#settings = settings;
  }

  async getInlayHints(
    document: LangiumDocument,
    params: InlayHintParams,
    token = CancellationToken.None,
  ): Promise<InlayHint[]> {
    const { hints: wanted, simulation } = this.#settings();
    const hints: InlayHint[] = [];
    if (!wanted.links && !wanted.transfers) return hints;
    const { machines } = this.#elaborations.structures(document);
    const { textDocument } = document;
    let known: ReadonlyMap<number, readonly MachineTransfer[]> | undefined;
    const transfers = () => {
      known ??= transfersByOffset(this.#elaborations.get(document), document.uri.toString());
      return known;
    };
    const [from, to] = [textDocument.offsetAt(params.range.start), textDocument.offsetAt(params.range.end)];
    for (const node of statementsBetween((document.parseResult.value as PcieFile).statements, from, to)) {
      await interruptAndCheck(token);
      const isPort = node.$type === 'Component' && (node.kind === 'root-port' || node.kind === 'port');
      const hint = isPort && wanted.links ? linkHint(document, node, machines, simulation.tax) : undefined;
      if (hint !== undefined) hints.push(hint);
      const expected =
        node.$type === 'Transfer' && wanted.transfers
          ? transferHint(document, node, transfers(), simulation.tax)
          : undefined;
      if (expected !== undefined) hints.push(expected);
    }
    return hints;
  }
}

type Tax = Settings['simulation']['tax'];

/** GB/s each way; with the trained state where it is not what the text says of the port. */
function linkHint(
  document: LangiumDocument,
  node: Component,
  machines: readonly ElaboratedMachine[],
  tax: Tax,
): InlayHint | undefined {
  const machine = machines.find((each) => each.componentsOf.has(node));
  const offset = headEnd(node);
  if (machine === undefined || offset === undefined) return undefined;
  const states = new Map<string, number | null>();
  for (const id of machine.componentsOf.get(node) ?? []) {
    const link = linkOf(machine.machine, id);
    if (link === undefined) continue;
    const port = machine.machine.components[id]?.settings;
    const isAsSaid = port?.generation === link.trained.generation && port.lanes === link.trained.lanes;
    const bandwidth = linkBandwidthOf(machine.machine, link, tax);
    states.set(isAsSaid ? '' : linkLabel(link.trained), bandwidth?.writeBytesPerSecond ?? null);
  }
  const labels = [...states].map(([state, rate]) =>
    [state, rate === null ? '' : formatRate(rate)].filter((word) => word !== '').join(' · '),
  );
  if (labels.length === 0 || labels.join('') === '') return undefined;
  const isTrainedLower = [...states.keys()].some((state) => state !== '');
  return {
    position: document.textDocument.positionAt(offset),
    label: `${isTrainedLower ? '→ ' : ''}${labels.join(' or ')}`,
    paddingLeft: true,
    tooltip: 'Payload each way, in long writes at this payload size.',
  };
}

/** Where the head of a component ends: after its link, its range or its name. */
function headEnd(node: Component): number | undefined {
  const cst = node.$cstNode;
  const last = node.link.at(-1)?.$cstNode ?? node.range?.$cstNode ?? GrammarUtils.findNodeForProperty(cst, 'name');
  return last?.end;
}

interface MachineTransfer {
  readonly machine: ElaboratedMachine;
  readonly transfer: Transfer;
}

/** The transfers of a file by the place of their statements. */
function transfersByOffset(elaboration: Elaboration, uri: string): Map<number, MachineTransfer[]> {
  const found = new Map<number, MachineTransfer[]>();
  for (const machine of elaboration.machines) {
    const { transfers, scenarios } = machine.work;
    for (const transfer of [...transfers, ...scenarios.flatMap((scenario) => scenario.transfers)]) {
      if (transfer.origin.uri !== uri) continue;
      const same = found.get(transfer.origin.offset);
      if (same === undefined) found.set(transfer.origin.offset, [{ machine, transfer }]);
      else same.push({ machine, transfer });
    }
  }
  return found;
}

/** What the transfer reaches when it has the machine to itself. */
function transferHint(
  document: LangiumDocument,
  node: TransferNode,
  transfers: ReadonlyMap<number, readonly MachineTransfer[]>,
  tax: Tax,
): InlayHint | undefined {
  const cst = node.$cstNode;
  const end = node.clauses.at(-1)?.$cstNode?.end;
  const same = cst === undefined ? undefined : transfers.get(cst.offset);
  const [first] = same ?? [];
  if (same === undefined || first === undefined || end === undefined) return undefined;
  const forecasts = same.map(({ machine, transfer }) => forecastOf(machine.machine, transfer, tax));
  const rates = [
    ...new Set(
      forecasts.map((forecast) => (forecast.path.route === 'none' ? 'no way' : formatRate(forecast.bytesPerSecond))),
    ),
  ];
  const [only] = forecasts;
  const limit =
    forecasts.length === 1 && only !== undefined && only.path.bottleneck !== ''
      ? `, limited by ${only.path.bottleneck}`
      : '';
  return {
    position: document.textDocument.positionAt(end),
    label: `≈ ${rates.length > 3 ? `${rates.slice(0, 2).join(', ')}, …` : rates.join(', ')}`,
    paddingLeft: true,
    tooltip: `Expected when nothing else runs: ${only?.path.route ?? ''}${limit}.`,
  };
}
