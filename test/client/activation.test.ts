import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  Compare,
  CompareRuns,
  command,
  ExportRun,
  Locate,
  Machines,
  RestoreRun,
  RunFinished,
  RunsChanged,
  Simulate,
  Variants,
  WorkItems,
} from '../../server/protocol.ts';
import { type FakeClient, startExtension } from './run-extension.ts';
import { comparison, single } from './views/recorded.ts';

const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
};
const uri = single.uri;
const texts = new Map([[uri, 'machine m {}']]);

describe('activation', () => {
  test('registers every command of the manifest, once, and no other', async () => {
    const { witness } = await startExtension();
    const contributed = manifest.contributes.commands.map((each) => each.command).sort();
    expect([...witness.commands.keys()].sort()).toEqual(contributed);
    expect(witness.refused).toEqual([]);
    for (const id of Object.values(command)) expect(contributed).toContain(id);
  });

  test('a server that does not start leaves the commands in place and offers a restart', async () => {
    const { witness, client, run } = await startExtension(texts, (prepared) => {
      prepared.failToStart = new Error('no such file');
    });
    expect(witness.errors).toEqual(['The PCIe language server did not start: no such file']);
    expect(witness.commands.size).toBeGreaterThan(10);
    client.failToStart = undefined;
    await run('pcie.restartServer');
    expect(client.state).toBe(2);
  });
});

test('the status bar names the machine that is looked at, and what its last run came to', async () => {
  const { witness, client, run } = await startExtension(texts, ({ answers }) =>
    answers.set(Machines.method, () => [{ name: 'm' }]),
  );
  expect(witness.statusBar).toMatchObject({ shown: true, text: '$(type-hierarchy) m' });
  client.answers.set(Simulate.method, () => single);
  await run(command.simulate, uri, 'load');
  expect(witness.statusBar.text).toMatch(/ m · load [\d.]+ GB\/s$/);
});

describe('simulate', () => {
  let started: Awaited<ReturnType<typeof startExtension>>;
  beforeEach(async () => {
    started = await startExtension(texts);
    started.client.answers.set(Simulate.method, () => single);
  });

  test('a lens runs what it stands on and the results come forward', async () => {
    await started.run(command.simulate, uri, 'load');
    expect(started.client.requests.map(([method]) => method)).toEqual([Simulate.method]);
    // A file that was open before has its tests as well.
    expect(started.client.workAsked[0]?.[1]).toEqual({ uri });
    expect(started.client.requests[0]?.[1]).toMatchObject({ uri, name: 'load', workDoneToken: expect.any(String) });
    expect(started.witness.executed).toContainEqual(['pcie.results.focus', { preserveFocus: true }]);
    expect(started.witness.context.get('pcie.hasResults')).toBe(true);
    expect(started.witness.context.get('pcie.running')).toBe(false);
  });

  test('from the palette, work that is alone in its file is run without a question', async () => {
    const range = { start: { line: 3, character: 0 }, end: { line: 3, character: 4 } };
    started.client.answers.set(WorkItems.method, () => [{ name: 'load', kind: 'transfer', range, expectations: [] }]);
    await started.run(command.simulate);
    expect(started.client.requests.at(-1)?.[1]).toMatchObject({ uri, name: 'load' });
  });

  test('an error of the server is said once, a cancellation not at all', async () => {
    started.client.answers.set(Simulate.method, () => {
      throw new Error('There is no transfer load.');
    });
    await started.run(command.simulate, uri, 'load');
    started.client.answers.set(Simulate.method, () => {
      throw Object.assign(new Error('cancelled'), { code: -32800 });
    });
    await started.run(command.simulate, uri, 'load');
    expect(started.witness.errors).toEqual(['There is no transfer load.']);
  });

  test('again runs what ran last, in the way it ran', async () => {
    await started.run('pcie.runAgain');
    expect(started.witness.errors).toEqual(['Nothing was simulated yet.']);
    started.client.say(RunFinished.method, single);
    await started.run('pcie.runAgain');
    expect(started.client.requests.at(-1)?.[1]).toMatchObject({ uri, name: 'load' });
  });
});

describe('the results view', () => {
  interface View {
    resolveWebviewView(view: unknown): void;
  }
  async function opened(prepare?: (client: FakeClient) => void, kept?: Map<string, unknown>) {
    const started = await startExtension(texts, prepare, kept);
    const posted: { readonly kind: string; readonly [key: string]: unknown }[] = [];
    let listener: (message: unknown) => void = () => undefined;
    const webview = {
      options: {} as Record<string, unknown>,
      html: '',
      cspSource: 'https://webview',
      asWebviewUri: (resource: unknown) => resource,
      postMessage: async (message: { readonly kind: string }) => void posted.push(message),
      onDidReceiveMessage: (heard: (message: unknown) => void) => {
        listener = heard;
      },
    };
    const view = { webview, show() {}, onDidDispose: () => undefined };
    (started.witness.views.get('pcie.results') as View).resolveWebviewView(view);
    return { ...started, webview, posted, say: (message: unknown) => listener(message) };
  }

  test('answers ready with the latest run, and marks it stale when the server says so', async () => {
    const { client, posted, say } = await opened();
    say({ kind: 'ready' });
    expect(posted.at(-1)).toMatchObject({ kind: 'show', run: null });
    client.say(RunFinished.method, single);
    expect(posted.at(-1)).toMatchObject({ kind: 'show', run: { file: 'lecture.pcie', record: { name: 'load' } } });
    client.say(RunsChanged.method, { uri, runs: [{ name: 'load', stale: true }] });
    expect(posted.at(-1)).toEqual({
      kind: 'choices',
      choices: [{ key: 1, label: 'load – lecture.pcie', stale: true }],
    });
  });

  test('asks the server where a name stands, and ignores what it does not understand', async () => {
    const { client, say } = await opened();
    client.answers.set(Locate.method, () => null);
    client.say(RunFinished.method, single);
    say({ kind: 'reveal', key: 1, name: 'ssd0' });
    say({ kind: 'reveal', key: 7, name: 'ssd0' });
    say({ kind: 'delete', key: 1 });
    say('ready');
    await new Promise((settled) => setTimeout(settled, 10));
    expect(client.requests).toEqual([[Locate.method, { uri, name: 'ssd0' }]]);
  });

  test('loads its own script and style and nothing else', async () => {
    const { webview } = await opened();
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(webview.html)?.[1] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('unsafe');
    const nonce = /script-src 'nonce-([0-9a-f]{48})'/.exec(policy)?.[1];
    expect(webview.html.match(/<script /g)).toHaveLength(1);
    expect(webview.html).toContain(`<script nonce="${nonce}" src="`);
    expect(String(webview.options.localResourceRoots)).toMatch(/dist\/views$/);
  });

  test('the last run outlives the window: the server says whether it is still true', async () => {
    const kept = new Map<string, unknown>();
    const first = await opened(undefined, kept);
    first.client.say(RunFinished.method, single);
    expect(kept.size).toBe(1);
    const restored = { ...single, id: 7, stale: true };
    const second = await opened((client) => client.answers.set(RestoreRun.method, () => restored), kept);
    await settle();
    expect(second.client.requests).toEqual([[RestoreRun.method, { record: single }]]);
    second.say({ kind: 'ready' });
    expect(second.posted.at(-1)).toMatchObject({ kind: 'show', run: { record: { id: 7, stale: true } } });
    expect(second.witness.context.get('pcie.hasResults')).toBe(true);
    // It comes back without coming forward.
    expect(second.witness.executed.filter(([id]) => id === 'pcie.results.focus')).toEqual([]);
  });

  test('a server that begins anew is given the runs back, and says which are still true', async () => {
    const { client, run, posted } = await opened((prepared) =>
      prepared.answers.set(RestoreRun.method, (params) => ({ ...(params as { record: object }).record, id: 5 })),
    );
    client.say(RunFinished.method, single);
    await client.stop();
    expect(posted.at(-1)).toMatchObject({ kind: 'choices', choices: [{ key: 1, stale: true }] });
    await run('pcie.restartServer');
    await settle();
    const given = client.requests.filter(([method]) => method === RestoreRun.method).map(([, params]) => params);
    expect(given).toEqual([{ record: { ...single, stale: true } }]);
  });

  test('runs of another version of the extension are left alone', async () => {
    const kept = new Map<string, unknown>([['pcie.lastRuns', { version: '0.0.1', records: [{ odd: true }] }]]);
    const { client } = await opened(undefined, kept);
    await settle();
    expect(client.requests).toEqual([]);
  });

  test('another run is put beside it, by what the server says', async () => {
    const { client, posted, say } = await opened();
    client.answers.set(CompareRuns.method, () => comparison.comparison);
    client.say(RunFinished.method, single);
    client.say(RunFinished.method, { ...single, id: 2, elapsedSeconds: 1 });
    say({ kind: 'against', key: 2, other: 1 });
    await settle();
    expect(client.requests).toEqual([[CompareRuns.method, { before: single.id, after: 2 }]]);
    expect(posted.at(-1)).toMatchObject({ kind: 'show', run: { key: 2, against: { key: 1 } } });
    say({ kind: 'against', key: 2, other: null });
    await settle();
    expect(posted.at(-1)).toMatchObject({ kind: 'show', run: { key: 2, against: null } });
  });

  test('a variant is chosen among those that the server offers', async () => {
    const { client, run, witness } = await opened();
    const choices = ['written', 'acs-off'].map((variant) => ({ variant, label: variant, description: '' }));
    client.answers.set(Variants.method, () => choices);
    client.answers.set(Compare.method, () => comparison);
    let offered: readonly string[] = [];
    witness.person.pick = (items) => {
      offered = items.map(({ label }) => label);
      return items[0];
    };
    await run('pcie.compareVariant', uri, 'load');
    expect(offered).toEqual(['acs-off']);
    expect(client.requests.at(-1)?.[1]).toMatchObject({ uri, name: 'load', variants: ['written', 'acs-off'] });
  });

  test('a run is written where the person says', async () => {
    const { client, run, witness, say } = await opened();
    client.answers.set(ExportRun.method, () => ({ fileName: 'load.csv', text: 'a,b' }));
    await run('pcie.exportRun');
    expect(witness.errors).toEqual(['Nothing was simulated yet.']);
    client.say(RunFinished.method, single);
    witness.person.saveAt = 'file:///home/ada/load.csv';
    say({ kind: 'export', key: 1, format: 'csv' });
    await settle();
    expect(client.requests.at(-1)?.[1]).toMatchObject({ id: single.id, format: 'csv' });
    expect([...witness.written]).toEqual([['file:///home/ada/load.csv', 'a,b']]);
    witness.person.pick = (items) => items.at(-1);
    await run('pcie.exportRun');
    expect(client.requests.at(-1)?.[1]).toMatchObject({ format: 'perfetto' });
  });

  test('says what is under way, from its beginning to its end', async () => {
    const { client, run, posted } = await opened();
    client.answers.set(Simulate.method, () => single);
    await run(command.simulate, uri, 'load');
    const running = posted.filter(({ kind }) => kind === 'running').map(({ runs }) => runs);
    expect(running).toEqual([[{ title: 'Simulating load', fraction: null }], []]);
  });
});

const settle = (): Promise<void> => new Promise((settled) => setTimeout(settled, 10));
