import {
  EventEmitter,
  Range,
  ThemeColor,
  ThemeIcon,
  type TreeDataProvider,
  TreeItem,
  TreeItemCollapsibleState,
  Uri,
  window,
  workspace,
} from 'vscode';
import { Locate, Machines, Show } from '../../../server/protocol.ts';
import { activeEditor } from '../../core/active-document.ts';
import type { Feature, Host } from '../../core/feature.ts';
import { showText } from '../../core/show-text.ts';
import { descriptionOf, type MachineNode, tooltipOf, treeOf } from './nodes.ts';

const viewId = 'pcie.machine';

/** The machine of the active file as a tree in the explorer: what hangs below what, and how it is linked. */
export const machineTree: Feature = {
  name: 'tree',
  activate(host) {
    const tree = new MachineTree(host);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const soon = () => {
      clearTimeout(timer);
      timer = setTimeout(() => tree.refresh(), 400);
    };
    host.own(
      window.registerTreeDataProvider(viewId, tree),
      window.onDidChangeActiveTextEditor(() => soon()),
      workspace.onDidChangeTextDocument(({ document }) => {
        if (document.languageId === 'pcie') soon();
      }),
      { dispose: () => clearTimeout(timer) },
    );
    host.command('pcie.revealComponent', async (uri, name) => {
      if (typeof uri !== 'string' || typeof name !== 'string') return;
      const place = await host.server.request(Locate, { uri, name });
      if (place === null) return;
      const { start, end } = place.range;
      const selection = new Range(start.line, start.character, end.line, end.character);
      await showText(await workspace.openTextDocument(Uri.parse(place.uri)), { selection });
    });
  },
};

const icons: Readonly<Record<string, string>> = {
  socket: 'chip',
  'root-port': 'plug',
  port: 'plug',
  switch: 'type-hierarchy-sub',
  bridge: 'git-merge',
  chipset: 'circuit-board',
  gpu: 'dashboard',
  nvme: 'database',
  sata: 'database',
  nic: 'globe',
  fpga: 'circuit-board',
};

class MachineTree implements TreeDataProvider<MachineNode> {
  readonly #host: Host;
  readonly #changed = new EventEmitter<undefined>();
  readonly onDidChangeTreeData = this.#changed.event;
  #uri: string | undefined;

  constructor(host: Host) {
    this.#host = host;
  }

  refresh(): void {
    this.#changed.fire(undefined);
  }

  async getChildren(node?: MachineNode): Promise<MachineNode[]> {
    if (node !== undefined) return [...node.children];
    const editor = activeEditor();
    const uri = editor?.document.languageId === 'pcie' ? editor.document.uri.toString() : this.#uri;
    if (uri === undefined) return [];
    this.#uri = uri;
    try {
      const machines = await this.#host.server.request(Machines, { uri });
      const shown = await Promise.all(
        machines.map(({ name }) => this.#host.server.request(Show, { uri, name }).then(({ data }) => data)),
      );
      return shown.map((machine) => treeOf(machine));
    } catch {
      return []; // the file was closed, or the server is on its way
    }
  }

  getTreeItem(node: MachineNode): TreeItem {
    const state =
      node.children.length === 0
        ? TreeItemCollapsibleState.None
        : node.depth < 3
          ? TreeItemCollapsibleState.Expanded
          : TreeItemCollapsibleState.Collapsed;
    const item = new TreeItem(node.label, state);
    item.id = `${this.#uri ?? ''}#${node.machine}#${node.name ?? ''}`;
    item.description = descriptionOf(node);
    item.iconPath = node.isLow
      ? new ThemeIcon('warning', new ThemeColor('list.warningForeground'))
      : new ThemeIcon(icons[node.kind] ?? 'server');
    item.tooltip = tooltipOf(node);
    // The sign alone says nothing to a screen reader.
    if (node.isLow) item.accessibilityInformation = { label: `${node.label}, ${item.tooltip.replaceAll('\n', ', ')}` };
    if (node.name !== null && this.#uri !== undefined) {
      item.command = { command: 'pcie.revealComponent', title: 'Show in the text', arguments: [this.#uri, node.name] };
    }
    return item;
  }
}
