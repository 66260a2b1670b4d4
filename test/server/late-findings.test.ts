import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Diagnostic } from 'vscode-languageserver-protocol/node';
import { Check, type CheckedFile } from '../../server/protocol.ts';
import { bundledServer, Client } from './rpc.ts';

const text = `machine m {
  linux {
    iommu passthrough
  }
  socket cpu0 {
    root-port rp0 gen4 x16 {
      switch sw0 {
        link gen4 x16
        port p[0..1] gen4 x16 {
          gpu gpu[0..1] : a100-pcie-80gb
        }
      }
    }
  }
}
transfer t from gpu0 to gpu1 {
  size 1 GiB
  expect bandwidth > 1 TB/s
}
`;
const uri = 'file:///work/late.pcie';

let client: Client;
beforeAll(async () => {
  client = new Client(await bundledServer());
  await client.initialize();
}, 60_000);
afterAll(() => client.dispose());

interface Data {
  readonly cost?: { readonly before: number; readonly after: number; readonly unit: string };
  readonly fixes: readonly { readonly title: string }[];
  readonly remedies: readonly { readonly text: string }[];
}

function redirect(all: readonly Diagnostic[]): (Diagnostic & { readonly data: Data }) | undefined {
  const found = all.find((one) => one.code === 'p2p/acs-redirect');
  return found === undefined ? undefined : { ...found, data: found.data as Data };
}

test('costs and failed expectations come after the first diagnostics, and stand in the titles of the fixes', async () => {
  const first = await client.open(uri, text);
  const found = redirect(first);
  expect(found).toBeDefined();
  expect(found?.data.cost).toBeUndefined();
  expect(first.some((one) => one.code === 'work/expectation-failed')).toBe(false);

  const settled = await client.nextDiagnostics(uri);
  const priced = redirect(settled);
  const cost = priced?.data.cost;
  expect(cost?.unit).toBe('bytesPerSecond');
  expect(cost?.after).toBeGreaterThan((cost?.before ?? 0) * 1.3);
  expect(priced?.message).toMatch(/gpu0 <-> gpu1, both ways: [\d.]+ GB\/s instead of [\d.]+ GB\/s\.$/);
  expect(priced?.data.fixes[0]?.title).toMatch(
    /^Clear redirection at boot on .*\(.*both ways: [\d.]+ GB\/s to [\d.]+ GB\/s\)$/,
  );
  expect(priced?.data.remedies[0]?.text).toMatch(/^pci=disable_acs_redir=0000:02:00\.0;0000:02:01\.0$/);
  expect(settled.some((one) => one.code === 'work/expectation-failed')).toBe(true);
}, 30_000);

test('a machine that only gets other names keeps what its findings cost, by its names of today', async () => {
  const renamed = text.replaceAll('gpu[0..1]', 'card[0..1]').replace('gpu0 to gpu1', 'card0 to card1');
  const found = redirect(await client.change(uri, 2, renamed));
  expect(found?.message).toMatch(/card0 <-> card1, both ways: [\d.]+ GB\/s instead of [\d.]+ GB\/s\.$/);
  expect(found?.data.cost?.unit).toBe('bytesPerSecond');
  const narrower = renamed.replace('link gen4 x16', 'link gen4 x8');
  expect(redirect(await client.change(uri, 3, narrower))?.data.cost).toBeUndefined();
  await client.change(uri, 4, text);
}, 30_000);

test('the fix of a redirection settles it', async () => {
  const diagnostics = client.diagnostics.get(uri) ?? [];
  const { range } = redirect(diagnostics) ?? { range: undefined };
  const actions = await client.request<{ title: string; edit?: { changes: Record<string, { newText: string }[]> } }[]>(
    'textDocument/codeAction',
    { textDocument: { uri }, range, context: { diagnostics } },
  );
  const fix = actions.find((action) => action.title.startsWith('Clear redirection at boot'));
  expect(fix?.edit?.changes[uri]?.[0]?.newText).toBe('    disable-acs-redir for p0 p1\n');
  const changed = await client.change(
    uri,
    5,
    text.replace('passthrough\n', 'passthrough\n    disable-acs-redir for p0 p1\n'),
  );
  expect(redirect(changed)).toBeUndefined();
}, 30_000);

test('who asks what is wrong with a file gets the costs at once', async () => {
  const other = 'file:///work/asked.pcie';
  client.open(other, text).catch(() => undefined);
  const { findings } = await client.request<CheckedFile>(Check.method, { uri: other });
  expect(findings.find(({ code }) => code === 'p2p/acs-redirect')?.message).toMatch(
    /both ways: [\d.]+ GB\/s instead of/,
  );
  expect(findings.find(({ code }) => code === 'work/expectation-failed')).toMatchObject({ severity: 'error' });
});
