import { interruptAndCheck, type LangiumDocument } from 'langium';
import type { CodeLensProvider } from 'langium/lsp';
import { CancellationToken, type CodeLens, type CodeLensParams } from 'vscode-languageserver';
import type { Statement } from '../../language/generated/ast.ts';
import type { Elaborations } from '../../language/services/elaborations.ts';
import { type CommandId, command, type Settings } from '../protocol.ts';
import type { RunStore } from '../runs/store.ts';
import { recordSummary } from '../runs/summary.ts';
import { workEntries } from '../runs/work-items.ts';
import { rangeOf } from '../text/ranges.ts';
import { nameNodeOf } from './symbols.ts';

/** Lenses on transfers and scenarios (run, compare, the last result) and on machines (show, enumerate, groups). */
export class PcieCodeLenses implements CodeLensProvider {
  readonly #elaborations: Elaborations;
  readonly #store: RunStore;
  readonly #settings: () => Settings;

  constructor(elaborations: Elaborations, store: RunStore, settings: () => Settings) {
    this.#elaborations = elaborations;
    this.#store = store;
    this.#settings = settings;
  }

  async provideCodeLens(
    document: LangiumDocument,
    _params: CodeLensParams,
    token = CancellationToken.None,
  ): Promise<CodeLens[]> {
    const { lenses: wanted } = this.#settings();
    const uri = document.uri.toString();
    const lenses: CodeLens[] = [];
    if (wanted.machines) {
      for (const machine of this.#elaborations.structures(document).machines) {
        await interruptAndCheck(token);
        const add = lensAt(document, machine.node, uri, machine.machine.name, lenses);
        add('Show', command.show);
        add('Enumerate', command.enumerate);
        add('IOMMU groups', command.groups);
      }
    }
    if (wanted.work) {
      for (const entry of workEntries(this.#elaborations.get(document))) {
        await interruptAndCheck(token);
        const add = lensAt(document, entry.node, uri, entry.name, lenses);
        add(`Simulate this ${entry.kind}`, command.simulate);
        add('Compare with and without peer-to-peer', command.compare);
        const last = this.#store.last(uri, entry.name);
        if (last !== null) add(`${last.stale ? 'Stale: ' : ''}${recordSummary(last)}`, command.showResult);
      }
    }
    return lenses;
  }
}

function lensAt(document: LangiumDocument, node: unknown, uri: string, name: string, lenses: CodeLens[]) {
  const span = nameNodeOf(node as Statement);
  const range = span === undefined ? undefined : rangeOf(document, span);
  return (title: string, id: CommandId): void => {
    if (range !== undefined) lenses.push({ range, command: { title, command: id, arguments: [uri, name] } });
  };
}
