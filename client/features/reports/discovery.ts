import { Range, Uri, window, workspace } from 'vscode';
import { DiscoverySteps, Locate, type Subject } from '../../../server/protocol.ts';
import type { Host } from '../../core/feature.ts';
import { showText } from '../../core/show-text.ts';
import { stepItems } from './steps.ts';

/** Every configuration cycle of the boot as a list to step through: what it is for, and in the text whom it asks. */
export async function stepThrough(host: Host, subject: Subject): Promise<void> {
  const items = stepItems(await host.server.request(DiscoverySteps, subject));
  const picker = window.createQuickPick<(typeof items)[number]>();
  picker.title = `Discovery: ${items.length} configuration cycles`;
  picker.placeholder = 'Arrow keys step, the text follows; type an address, a register or a name to find a cycle';
  picker.matchOnDescription = true;
  picker.matchOnDetail = true;
  picker.ignoreFocusOut = true;
  picker.items = items;
  let shown: string | null = null;
  picker.onDidChangeActive(([item]) => {
    if (item === undefined || item.name === null || item.name === shown) return;
    shown = item.name;
    reveal(host, subject.uri, item.name).catch(() => undefined);
  });
  picker.onDidAccept(() => picker.hide());
  picker.onDidHide(() => picker.dispose());
  picker.show();
}

/** Selects a component in its text and leaves the focus where it is. */
async function reveal(host: Host, uri: string, name: string): Promise<void> {
  const location = await host.server.request(Locate, { uri, name });
  if (location === null) return;
  const { start, end } = location.range;
  const selection = new Range(start.line, start.character, end.line, end.character);
  await showText(await workspace.openTextDocument(Uri.parse(location.uri)), { preserveFocus: true, selection });
}
