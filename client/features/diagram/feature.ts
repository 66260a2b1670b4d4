import { window } from 'vscode';
import { DiagramChanged } from '../../../server/protocol.ts';
import type { Feature } from '../../core/feature.ts';
import { TextPanels } from '../../core/text-panels.ts';
import { readKept } from '../../views/diagram/messages.ts';
import { DiagramPanel } from './panel.ts';

/** The picture of a machine beside its text. It follows what the server tells of it, and the cursor. */
export const diagram: Feature = {
  name: 'diagram',
  activate(host) {
    const panels = new TextPanels(host, {
      viewType: 'pcie.topology',
      command: 'pcie.showTopology',
      title: 'Topology',
      find: false,
      readKept,
      make: (panel, uri, machine) => new DiagramPanel(host, panel, uri, machine),
    });
    host.own(
      host.server.on(DiagramChanged, (change) => panels.of(change.uri)?.follow(change)),
      window.onDidChangeTextEditorSelection(({ textEditor, selections }) => {
        const [first] = selections;
        if (textEditor.document.languageId !== 'pcie' || first === undefined) return;
        for (const panel of panels.all) panel.selected(textEditor.document.uri.toString(), first.active);
      }),
      host.comparisons.onDidChange(({ uri }) => panels.of(uri)?.compared()),
      // A server that began anew knows nothing of who looks.
      host.server.onDidChangeState((state) => {
        if (state === 'running') for (const panel of panels.all) void panel.watch();
      }),
    );
  },
};
