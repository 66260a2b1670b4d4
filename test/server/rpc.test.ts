import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CodeLens, Hover, InitializeResult, SelectionRange, TextEdit } from 'vscode-languageserver-protocol';
import { CancellationTokenSource } from 'vscode-languageserver-protocol/node';
import { command, type RunRecord, type ServerStatus } from '../../server/protocol.ts';
import { bundledServer, Client } from './rpc.ts';

const uri = 'file:///work/lecture.pcie';
const text = `machine m {
  socket cpu0 {
    memory 384 GiB at 460 GB/s
    root-port rp0 gen5 x16 {
      switch sw0 {
        port p0 gen4 x16 { gpu gpu0 { link gen4 x16 } }
        port p1 gen4 x4 { nvme ssd0 { link gen4 x4 } }
      }
    }
  }
}

transfer load from ssd0 to gpu0 {
  size 4 GiB
  block 1 MiB
}
`;

let client: Client;
let initialized: InitializeResult;
const statuses: ServerStatus[] = [];

beforeAll(async () => {
  client = new Client(await bundledServer());
  client.connection.onNotification('pcie/status', (status: ServerStatus) => void statuses.push(status));
  initialized = await client.initialize({
    capabilities: { workspace: { textDocumentContent: { dynamicRegistration: false } } },
    initializationOptions: { views: true, docsUrl: 'https://example.org/docs/rules/' },
  });
  await client.open(uri, text);
}, 60_000);
afterAll(() => client.dispose());

describe('the bundled server', () => {
  test('says what it can do', () => {
    expect(initialized.capabilities).toMatchObject({
      callHierarchyProvider: {},
      codeActionProvider: true,
      codeLensProvider: { resolveProvider: false },
      definitionProvider: true,
      documentFormattingProvider: true,
      documentHighlightProvider: true,
      documentLinkProvider: { resolveProvider: false },
      documentOnTypeFormattingProvider: { firstTriggerCharacter: '}' },
      documentRangeFormattingProvider: true,
      documentSymbolProvider: true,
      foldingRangeProvider: true,
      hoverProvider: true,
      inlayHintProvider: { resolveProvider: false },
      referencesProvider: true,
      renameProvider: { prepareProvider: true },
      selectionRangeProvider: true,
      workspaceSymbolProvider: { resolveProvider: false },
    });
    expect(initialized.capabilities.semanticTokensProvider).toBeDefined();
    expect(initialized.capabilities.completionProvider?.triggerCharacters).toContain(':');
    expect(initialized.capabilities.executeCommandProvider?.commands).toEqual(
      expect.arrayContaining(Object.values(command)),
    );
    expect(initialized.capabilities.workspace?.textDocumentContent).toEqual({
      schemes: ['pcie-catalogue', 'pcie-report'],
    });
  });

  test('says how it is', async () => {
    await expect.poll(() => statuses.at(-1)).toMatchObject({ health: 'ok', activity: 'idle', files: 1 });
  });

  test('says nothing of files that nobody has opened, those of the catalogue among them', async () => {
    const own = 'file:///work/parts.pcie';
    await client.open(own, 'machine m {\n  socket c : epyc-9554 { root-port r gen5 x16 { gpu g : h100-pcie } }\n}\n');
    expect([...client.diagnostics.keys()].sort()).toEqual([uri, own]);
  });

  test('reports what is wrong, and that it is right again', async () => {
    const other = 'file:///work/wrong.pcie';
    const wrong = await client.open(other, 'machine m {\n  socket cpu0 { memory 384 }\n}\n');
    expect(wrong.map((each) => each.severity)).toContain(1);
    const right = await client.change(other, 2, 'machine m {\n  socket cpu0 { memory 384 GiB }\n}\n');
    expect(right.filter((each) => each.severity === 1)).toEqual([]);
  });

  test('answers hovers', async () => {
    const hover = await client.request<Hover>('textDocument/hover', {
      textDocument: { uri },
      position: { line: 2, character: 12 },
    });
    expect(hover.contents).toMatchObject({ kind: 'markdown' });
    expect(JSON.stringify(hover.contents)).toContain('384 GiB');
  });

  test('answers selection ranges and formatting', async () => {
    const [range] = await client.request<SelectionRange[]>('textDocument/selectionRange', {
      textDocument: { uri },
      positions: [{ line: 2, character: 12 }],
    });
    expect(range?.range.start).toEqual({ line: 2, character: 11 });
    const edits = await client.request<TextEdit[]>('textDocument/formatting', {
      textDocument: { uri },
      options: { tabSize: 4, insertSpaces: true },
    });
    expect(edits).toEqual([]);
  });

  test('offers lenses with plain arguments', async () => {
    const lenses = await client.request<CodeLens[]>('textDocument/codeLens', { textDocument: { uri } });
    expect(lenses.map((lens) => [lens.range.start.line, lens.command?.command, lens.command?.arguments])).toEqual([
      [0, command.show, [uri, 'm']],
      [0, command.enumerate, [uri, 'm']],
      [0, command.groups, [uri, 'm']],
      [12, command.simulate, [uri, 'load']],
      [12, command.compare, [uri, 'load']],
    ]);
  });

  test('simulates in its worker, keeps the result, and marks it stale', async () => {
    const record = await client.request<RunRecord>('pcie/simulate', { uri, name: 'load' });
    expect(record).toMatchObject({ uri, name: 'load', version: 1, stale: false });
    const [run] = record.variants[0]?.result.runs ?? [];
    expect(run?.transfers[0]).toMatchObject({ name: 'load', bytes: 4 * 2 ** 30 });
    expect(statuses.some((status) => status.activity === 'running')).toBe(true);
    await expect.poll(() => statuses.at(-1)).toMatchObject({ health: 'ok', activity: 'idle' });

    const report = await client.request<{ text: string }>('workspace/textDocumentContent', { uri: record.report });
    expect(report.text).toContain('load');
    const lenses = await client.request<CodeLens[]>('textDocument/codeLens', { textDocument: { uri } });
    expect(lenses.at(-1)?.command).toMatchObject({ command: command.showResult, arguments: [uri, 'load'] });
    expect(lenses.at(-1)?.command?.title).toContain('GB/s');

    const changed = new Promise((resolve) => client.connection.onNotification('pcie/runsChanged', resolve));
    await client.change(uri, 2, text.replace('4 GiB\n  block', '5 GiB\n  block'));
    expect(await changed).toEqual({ uri, runs: [{ name: 'load', stale: true }] });
    const again = new Promise((resolve) => client.connection.onNotification('pcie/runsChanged', resolve));
    await client.change(uri, 3, text);
    expect(await again).toEqual({ uri, runs: [{ name: 'load', stale: false }] });
  });

  test('executes the command of a lens, and tells the client', async () => {
    const finished = new Promise<RunRecord>((resolve) => client.connection.onNotification('pcie/runFinished', resolve));
    const record = await client.request<RunRecord>('workspace/executeCommand', {
      command: command.compare,
      arguments: [uri, 'load'],
    });
    expect(record.variants.map((each) => each.variant)).toEqual(['p2p', 'host']);
    expect((await finished).id).toBe(record.id);
  });

  test('refuses what is not there with a message', async () => {
    await expect(client.request('pcie/simulate', { uri, name: 'nothing' })).rejects.toThrow(
      /no transfer or scenario 'nothing'/,
    );
    await expect(client.request('pcie/simulate', { uri: 'file:///work/none.pcie', name: null })).rejects.toThrow(
      /no document/,
    );
    await expect(
      client.request('workspace/executeCommand', { command: command.simulate, arguments: [{}] }),
    ).rejects.toThrow(/takes a document/);
  });

  test('cancels a run that is under way, and runs again', async () => {
    const long = 'file:///work/long.pcie';
    const many = Array.from(
      { length: 4000 },
      (_, index) =>
        `  at ${index} ns transfer from ${index % 2 === 0 ? 'ssd0 to gpu0' : 'gpu0 to ssd0'} { size ${1 + index} KiB }`,
    );
    await client.open(long, `${text}scenario long {\n${many.join('\n')}\n}\n`);
    const source = new CancellationTokenSource();
    const under = new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        if (statuses.at(-1)?.activity !== 'running') return;
        clearInterval(timer);
        resolve();
      }, 1);
    });
    const run = client.connection.sendRequest('pcie/simulate', { uri: long, name: 'long' }, source.token);
    const outcome = run.then(
      () => 'done',
      (error: Error) => error.message,
    );
    await under;
    source.cancel();
    expect(await outcome).toMatch(/cancelled/);
    await expect.poll(() => statuses.at(-1)?.activity).toBe('idle');
    expect(await client.request<RunRecord>('pcie/simulate', { uri, name: 'load' })).toMatchObject({ name: 'load' });
  });

  test('answers a request that comes right behind the text', async () => {
    const early = 'file:///work/early.pcie';
    await client.connection.sendNotification('textDocument/didOpen', {
      textDocument: { uri: early, languageId: 'pcie', version: 1, text: text.replace('machine m', 'machine early') },
    });
    const record = client.request<RunRecord>('pcie/simulate', { uri: early, name: null });
    const report = client.request<{ text: string }>('pcie/show', { uri: early, name: 'early' });
    expect((await record).variants[0]?.result.runs).toHaveLength(1);
    expect((await report).text).toMatch(/^early\n/);
  });

  test('writes nothing but the protocol to its standard output, and goes when it is told', async () => {
    const second = new Client(await bundledServer());
    try {
      await second.initialize();
      await second.open('file:///work/a.pcie', 'machine m { socket c }\n');
      expect(await second.shutdown()).toBe(0);
    } finally {
      second.dispose();
    }
  });
});

describe('settings', () => {
  test('change what is reported, hinted and offered at once, without a restart', async () => {
    const asking = new Client(await bundledServer());
    try {
      let section: unknown = { rules: { 'part/unused': 'error' } };
      const refreshed: string[] = [];
      asking.connection.onRequest('workspace/configuration', (params: { items: unknown[] }) =>
        params.items.map(() => section),
      );
      for (const method of ['workspace/codeLens/refresh', 'workspace/inlayHint/refresh']) {
        asking.connection.onRequest(method, () => {
          refreshed.push(method);
          return null;
        });
      }
      await asking.initialize({
        capabilities: {
          workspace: {
            configuration: true,
            didChangeConfiguration: { dynamicRegistration: true },
            codeLens: { refreshSupport: true },
            inlayHint: { refreshSupport: true },
          },
        },
      });
      const file = 'file:///work/settings.pcie';
      await asking.open(file, 'part gpu lonely {}\nmachine m { socket c { root-port r gen4 x16 } }\n');
      const severity = () => asking.diagnostics.get(file)?.find((each) => each.code === 'part/unused')?.severity;
      await expect.poll(severity).toBe(1);

      section = { rules: { 'part/unused': 'off' }, hints: { links: false }, lenses: { machines: false } };
      await asking.connection.sendNotification('workspace/didChangeConfiguration', { settings: null });
      await expect.poll(severity).toBeUndefined();
      await expect
        .poll(() => refreshed.toSorted())
        .toEqual(['workspace/codeLens/refresh', 'workspace/inlayHint/refresh']);
      expect(await asking.request('textDocument/codeLens', { textDocument: { uri: file } })).toEqual([]);
      const range = { start: { line: 0, character: 0 }, end: { line: 2, character: 0 } };
      expect(await asking.request('textDocument/inlayHint', { textDocument: { uri: file }, range })).toEqual([]);
    } finally {
      asking.dispose();
    }
  });

  test('that are wrong are said in the status, and keep their defaults', async () => {
    const asking = new Client(await bundledServer());
    try {
      const seen: ServerStatus[] = [];
      asking.connection.onNotification('pcie/status', (status: ServerStatus) => void seen.push(status));
      asking.connection.onRequest('workspace/configuration', () => [{ rules: { 'part/unused': 'loud' } }]);
      await asking.initialize({ capabilities: { workspace: { configuration: true } } });
      await expect.poll(() => seen.at(-1)?.message).toContain("'part/unused' must be one of");
      expect(seen.at(-1)?.health).toBe('warning');
    } finally {
      asking.dispose();
    }
  });
});
