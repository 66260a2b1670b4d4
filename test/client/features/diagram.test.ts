import { describe, expect, test, vi } from 'vitest';
import { readFromView, readKept } from '../../../client/views/diagram/messages.ts';
import type { Diagram } from '../../../server/diagram/diagram.types.ts';
import { fakePanel } from '../fake-vscode.ts';
import { startExtension } from '../run-extension.ts';
import { Answers } from '../views/machines.ts';

const uri = 'file:///work/box.pcie';
const text = `machine m {
  socket s {
    root-port a gen4 x4 { nvme x { link gen4 x4 } }
    root-port b[0..1] gen4 x4
    root-port c gen4 x16 { use tray }
  }
}
template tray {
  switch sw {
    port p gen4 x4 { nvme y }
  }
}
`;
const diagram = async (): Promise<Diagram> => {
  const made = await (await new Answers().start()).diagram('box', text);
  if (made === null) throw new Error('there is a machine');
  return made;
};

describe('messages of the view', () => {
  test.each([
    null,
    'ready',
    { kind: 'reveal' },
    { kind: 'change', action: { kind: 'move', device: 'x' } },
    { kind: 'change', action: { kind: 'link', port: 'p', lanes: '4', generation: null } },
    { kind: 'save', format: 'exe', content: '' },
    { kind: 'else' },
  ])('that are none are ignored: %j', (message) => {
    expect(readFromView(message)).toBeUndefined();
  });
  test('what was kept is read as far as it is sound', () => {
    expect(readKept({ uri, machine: 4, collapsed: ['a'], overlays: [1] })).toEqual({ uri, collapsed: ['a'] });
    expect(readKept(undefined)).toEqual({});
  });
});

describe('the panel', () => {
  async function open() {
    const made = await diagram();
    const started = await startExtension(new Map([[uri, text]]), (client) => {
      client.answers.set('pcie/watchDiagram', () => ({ step: 0, diagram: made }));
    });
    await started.run('pcie.showTopology');
    const [panel] = started.witness.panels;
    if (panel === undefined) throw new Error('a panel was opened');
    return { ...started, panel };
  }
  const kinds = (posted: readonly unknown[]) => posted.map((message) => (message as { kind: string }).kind);

  test('opens once for a document, with nothing but its own script and style', async () => {
    const { panel, run, witness } = await open();
    await run('pcie.showTopology', uri);
    expect(witness.panels).toHaveLength(1);
    expect(panel.html()).toContain("default-src 'none'");
    expect(panel.html()).not.toMatch(/(?<!wasm-)unsafe|<script(?![^>]*nonce)/);
    expect(witness.errors).toEqual([]);
  });

  test('shows the machine, and hands on what becomes of it', async () => {
    const { panel, client } = await open();
    panel.say({ kind: 'ready' });
    await vi.waitFor(() => expect(kinds(panel.posted)).toEqual(['diagram']));
    expect(panel.title).toBe('m: topology');
    const update = { version: 2, machine: 'n', errors: 1 };
    client.say('pcie/diagramChanged', { uri: 'file:///work/other.pcie', step: 1, now: { update } });
    client.say('pcie/diagramChanged', { uri, step: 1, now: { update } });
    client.say('pcie/diagramChanged', { uri, step: 2, now: null });
    expect(panel.posted.slice(1)).toEqual([
      { kind: 'update', step: 1, update },
      { kind: 'gone', message: expect.stringContaining('no machine now') },
    ]);
    expect(panel.title).toBe('n: topology');
    expect(client.requests.filter(([method]) => method === 'pcie/watchDiagram')).toHaveLength(1);
  });

  test('asks again of a server that began anew, and lets go of what is closed', async () => {
    const { panel, client } = await open();
    panel.say({ kind: 'ready' });
    await vi.waitFor(() => expect(kinds(panel.posted)).toEqual(['diagram']));
    await client.start();
    await vi.waitFor(() => expect(kinds(panel.posted)).toEqual(['diagram', 'diagram']));
    panel.close();
    expect(client.notified).toEqual([['pcie/unwatchDiagram', { uri }]]);
    client.say('pcie/diagramChanged', { uri, step: 1, now: null });
    expect(panel.posted).toHaveLength(2);
  });

  test('changes the text in one step, and says a refusal where it was asked for', async () => {
    const { panel, client, witness } = await open();
    panel.say({ kind: 'ready' });
    const range = { start: { line: 2, character: 22 }, end: { line: 2, character: 24 } };
    const again = { uri, version: 1, title: 'Set a to x2', edits: [{ range, newText: 'x2' }] };
    // The first answer is about an older text.
    let asked = 0;
    client.answers.set('pcie/changeDiagram', () => ({ ...again, version: asked++ === 0 ? 0 : 1 }));
    panel.say({ kind: 'change', action: { kind: 'link', port: 's.a', lanes: 2, generation: null } });
    await vi.waitFor(() =>
      expect(panel.posted).toContainEqual(expect.objectContaining({ kind: 'message', failed: false })),
    );
    expect(asked).toBe(2);
    expect(witness.edits).toEqual([[expect.anything(), expect.objectContaining({ numbers: [2, 22, 2, 24] }), 'x2']]);
    client.answers.set('pcie/changeDiagram', () => {
      throw new Error('a holds x already: a port has one device.');
    });
    panel.say({ kind: 'change', action: { kind: 'move', device: 's.c.sw', port: 's.a' } });
    await vi.waitFor(() =>
      expect(panel.posted).toContainEqual({
        kind: 'message',
        text: 'a holds x already: a port has one device.',
        failed: true,
      }),
    );
    expect(witness.errors).toEqual([]);
  });

  test('keeps the last picture where the text has no machine', async () => {
    const { panel, client } = await open();
    panel.say({ kind: 'ready' });
    await vi.waitFor(() => expect(kinds(panel.posted)).toEqual(['diagram']));
    client.answers.set('pcie/watchDiagram', () => null);
    panel.say({ kind: 'machine', name: 'gone' });
    await vi.waitFor(() => expect(kinds(panel.posted)).toEqual(['diagram', 'gone']));
  });

  test('is there again after the window was loaded anew', async () => {
    const { witness, client } = await open();
    const serializer = witness.serializers.get('pcie.topology') as {
      deserializeWebviewPanel(panel: unknown, state: unknown): Promise<void>;
    };
    const restored = fakePanel('Topology');
    await serializer.deserializeWebviewPanel(restored.panel, { uri, machine: 'm' });
    restored.say({ kind: 'ready' });
    await vi.waitFor(() => expect(kinds(restored.posted)).toEqual(['diagram']));
    expect(client.requests.findLast(([method]) => method === 'pcie/watchDiagram')?.[1]).toEqual({ uri, name: 'm' });
  });
});
