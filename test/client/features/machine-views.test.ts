import { describe, expect, test, vi } from 'vitest';
import { readFromView, readKept } from '../../../client/views/machine-view/messages.ts';
import { shortNames } from '../../../client/views/machine-view/names.ts';
import { fakePanel } from '../fake-vscode.ts';
import { startExtension } from '../run-extension.ts';

const uri = 'file:///work/two.pcie';
const text = 'machine a { socket s }\nmachine b { socket s }\n';

describe.each([
  ['pcie.showPeerMatrix', 'pcie.peerMatrix', 'pcie/matrix', 'peer matrix'],
  ['pcie.showAddressMap', 'pcie.addressMap', 'pcie/enumerate', 'address map'],
] as const)('%s', (command, viewType, method, title) => {
  async function open() {
    const started = await startExtension(new Map([[uri, text]]), (client) => {
      client.answers.set('pcie/machines', () => [{ name: 'a' }, { name: 'b' }]);
      client.answers.set(method, (params) => ({ report: '', text: '', data: params }));
    });
    await started.run(command);
    const [panel] = started.witness.panels;
    if (panel === undefined) throw new Error('a panel was opened');
    return { ...started, panel };
  }
  const shown = (machine: string) => ({
    kind: 'show',
    file: 'two.pcie',
    uri,
    machine,
    machines: ['a', 'b'],
    data: { uri, name: machine },
  });

  test('opens once for a document, with nothing but its own script and style', async () => {
    const { panel, run, witness } = await open();
    await run(command, uri);
    expect(witness.panels).toHaveLength(1);
    expect(panel.html()).toContain("default-src 'none'");
    expect(panel.html()).not.toMatch(/unsafe|<script(?![^>]*nonce)/);
    expect(witness.errors).toEqual([]);
  });

  test('shows the machine chosen, and follows the text when it has rested', async () => {
    const { panel, client, witness } = await open();
    panel.say({ kind: 'ready' });
    await vi.waitFor(() => expect(panel.posted).toEqual([shown('a')]));
    expect(panel.title).toBe(`a: ${title}`);
    panel.say({ kind: 'machine', name: 'b' });
    await vi.waitFor(() => expect(panel.posted).toEqual([shown('a'), shown('b')]));
    for (let edit = 0; edit < 5; edit++) witness.changed(uri);
    await vi.waitFor(() => expect(panel.posted).toEqual([shown('a'), shown('b'), shown('b')]));
    expect(client.requests.filter(([asked]) => asked === method)).toHaveLength(3);
  });

  test('says what it cannot show, and keeps the rest', async () => {
    const { panel, client, witness } = await open();
    panel.say({ kind: 'ready' });
    await vi.waitFor(() => expect(panel.posted).toEqual([shown('a')]));
    client.answers.set('pcie/machines', () => []);
    witness.changed(uri);
    const gone = { kind: 'gone', message: 'The text has no machine now.' };
    await vi.waitFor(() => expect(panel.posted).toEqual([shown('a'), gone]));
    client.answers.set('pcie/locate', () => null);
    panel.say({ kind: 'reveal', name: 's.memory' });
    await vi.waitFor(() =>
      expect(panel.posted.at(-1)).toEqual({
        kind: 'message',
        text: 's.memory has no place of its own in the text.',
        failed: true,
      }),
    );
  });

  test('asks for ways between two devices of the machine that is shown', async () => {
    const { panel, client } = await open();
    client.answers.set('pcie/path', () => ({ report: '', text: '', data: { from: 'x', to: 'y' } }));
    panel.say({ kind: 'machine', name: 'b' });
    await vi.waitFor(() => expect(panel.posted).toHaveLength(1));
    panel.say({ kind: 'path', from: 'x', to: 'y' });
    await vi.waitFor(() => expect(panel.posted.at(-1)).toEqual({ kind: 'path', path: { from: 'x', to: 'y' } }));
    expect(client.requests.at(-1)).toEqual(['pcie/path', { uri, name: 'b', from: 'x', to: 'y' }]);
  });

  test('is there again after the window was loaded anew', async () => {
    const { witness } = await open();
    const serializer = witness.serializers.get(viewType) as {
      deserializeWebviewPanel(panel: unknown, state: unknown): Promise<void>;
    };
    const restored = fakePanel(title);
    await serializer.deserializeWebviewPanel(restored.panel, { uri, machine: 'b' });
    restored.say({ kind: 'ready' });
    await vi.waitFor(() => expect(restored.posted).toEqual([shown('b')]));
  });
});

describe('messages of the views', () => {
  test.each([null, 'ready', { kind: 'reveal' }, { kind: 'path', from: 'a' }, { kind: 'copy', text: 4 }, { kind: 'x' }])(
    'that are none are ignored: %j',
    (message) => {
      expect(readFromView(message)).toBeUndefined();
    },
  );
  test('what was kept is read as far as it is sound', () => {
    expect(readKept({ uri, machine: 4 })).toEqual({ uri });
    expect(readKept(undefined)).toEqual({});
  });
});

describe('short names', () => {
  test.each([
    [
      ['cpu0.rp0.gpu0', 'cpu0.rp1.gpu1'],
      ['gpu0', 'gpu1'],
    ],
    [
      ['s0.rp0.sw.gpu0', 's0.rp1.sw.gpu0'],
      ['rp0.gpu0', 'rp1.gpu0'],
    ],
    [
      ['s0.gpu0', 's0.rp0.gpu0'],
      ['s0.gpu0', 'rp0.gpu0'],
    ],
    [[], []],
  ] as const)('%j', (names, expected) => {
    expect([...shortNames(names).values()]).toEqual(expected);
  });
  test('differ, also where one name leads into another', () => {
    const names = ['a.x', 'a.b.x', 'a.b.c.x', 'x'];
    expect(new Set(shortNames(names).values()).size).toBe(names.length);
  });
});
