import { beforeEach, describe, expect, test } from 'vitest';
import { CancellationToken } from 'vscode-languageserver';
import { Harness, type Opened, present } from './harness.ts';

let harness: Harness;
beforeEach(() => {
  harness = new Harness();
});

async function lenses(opened: Opened): Promise<string[]> {
  const found =
    (await present(harness.pcie.lsp.CodeLensProvider).provideCodeLens(opened.document, {
      textDocument: { uri: opened.uri },
    })) ?? [];
  return found.map(
    (lens) =>
      `${opened.textOf(lens.range)}: ${lens.command?.title} ${lens.command?.command}(${lens.command?.arguments?.slice(1).join()})`,
  );
}

const text = `machine m {
  socket cpu0 {
    root-port rp0 gen4 x16 { gpu gpu0 { link gen4 x16 } }
    root-port rp1 gen4 x4 { nvme ssd0 { link gen4 x4 } }
  }
}
transfer load from ssd0 to gpu0 { size 1 GiB }
transfer from gpu0 to ssd0 { size 1 GiB }
transfer from gpu0 to ssd0 { size 2 GiB }
scenario step {
  at 0 us transfer from ssd0 to gpu0 { size 1 GiB }
}
`;

describe('code lenses', () => {
  test('stand on machines, transfers and scenarios, with the document and a name', async () => {
    const opened = await harness.open(text);
    expect(await lenses(opened)).toEqual([
      'm: Show pcie.show(m)',
      'm: Enumerate pcie.enumerate(m)',
      'm: IOMMU groups pcie.groups(m)',
      'load: Simulate this transfer pcie.simulate(load)',
      'load: Compare with and without peer-to-peer pcie.comparePeerToPeer(load)',
      'transfer from gpu0 to ssd0: Simulate this transfer pcie.simulate(gpu0 -> ssd0)',
      'transfer from gpu0 to ssd0: Compare with and without peer-to-peer pcie.comparePeerToPeer(gpu0 -> ssd0)',
      'transfer from gpu0 to ssd0: Simulate this transfer pcie.simulate(gpu0 -> ssd0 #2)',
      'transfer from gpu0 to ssd0: Compare with and without peer-to-peer pcie.comparePeerToPeer(gpu0 -> ssd0 #2)',
      'step: Simulate this scenario pcie.simulate(step)',
      'step: Compare with and without peer-to-peer pcie.comparePeerToPeer(step)',
    ]);
  });

  test('are not there for work that cannot run', async () => {
    const opened = await harness.open(
      'machine m { socket c }\ntransfer t from c.memory to nowhere { size 1 GiB }\ntransfer u from c.memory { size 1 B }',
    );
    expect((await lenses(opened)).filter((lens) => !lens.startsWith('m:'))).toEqual([]);
  });

  test('show the last result, and that it is stale', async () => {
    const opened = await harness.open(text);
    await harness.shared.Runs.run(
      { uri: opened.uri, name: 'load' },
      ['written'],
      {},
      CancellationToken.None,
      () => undefined,
    );
    const result = (each: string) => each.includes('pcie.showResult');
    expect((await lenses(opened)).filter(result)).toEqual([
      expect.stringMatching(/^load: [\d.]+ [GM]B\/s · [\d.]+ \w+ · limited by .* pcie\.showResult\(load\)$/),
    ]);
    const changed = await harness.open(text.replace('1 GiB', '3 GiB'), opened.uri);
    harness.shared.Runs.refresh();
    expect((await lenses(changed)).filter(result)).toEqual([expect.stringMatching(/^load: Stale: /)]);
  });

  test('can be turned off', async () => {
    harness.shared.workspace.ConfigurationProvider.updateConfiguration({
      settings: { pcie: { lenses: { machines: false } } },
    });
    const opened = await harness.open(text);
    expect((await lenses(opened)).some((lens) => lens.startsWith('m:'))).toBe(false);
  });
});
