import { beforeEach, describe, expect, test } from 'vitest';
import type { CallHierarchyItem } from 'vscode-languageserver';
import { Harness, type Opened, present } from './harness.ts';

let harness: Harness;
beforeEach(() => {
  harness = new Harness();
});

const machine = (acs: string) => `machine m {
  linux { iommu off }
  socket cpu0 {
    vendor intel
    root-port rp0 gen5 x16 { switch sw0 { link gen5 x16
      acs ${acs}
      port p0 gen4 x16 { gpu gpu0 { link gen4 x16
        driver nvidia
        peer-to-peer on
      } }
      port p1 gen4 x4 { nvme ssd0 { link gen4 x4 } }
    } }
  }
}
`;

async function items(opened: Opened, cursor = 0): Promise<CallHierarchyItem[]> {
  return (
    (await present(harness.pcie.lsp.CallHierarchyProvider).prepareCallHierarchy(opened.document, opened.at(cursor))) ??
    []
  );
}

async function around(item: CallHierarchyItem): Promise<{ in: string[]; out: string[] }> {
  const provider = present(harness.pcie.lsp.CallHierarchyProvider);
  const incoming = (await provider.incomingCalls({ item })) ?? [];
  const outgoing = (await provider.outgoingCalls({ item })) ?? [];
  return { in: incoming.map((call) => call.from.name), out: outgoing.map((call) => call.to.name) };
}

describe('what flows through', () => {
  test('a port: where the data comes from and where it goes', async () => {
    const opened = await harness.open(
      `${machine('off').replace('port p0', 'port p<|>0')}transfer load from ssd0 to gpu0 { size 4 GiB }`,
    );
    const [item] = await items(opened);
    expect(item?.name).toBe('p0');
    expect(item?.detail).toBe('port · Gen4 x16');
    expect(await around(present(item))).toEqual({ in: ['sw0'], out: ['gpu0'] });
  });

  test('each step leads on, to the ends', async () => {
    const opened = await harness.open(`${machine('off')}transfer load from ssd<|>0 to gpu0 { size 4 GiB }`);
    const provider = present(harness.pcie.lsp.CallHierarchyProvider);
    const names: string[] = [];
    let [at] = await items(opened);
    while (at !== undefined) {
      names.push(at.name);
      const [next] = (await provider.outgoingCalls({ item: at })) ?? [];
      at = next?.to;
    }
    expect(names).toEqual(['ssd0', 'p1', 'sw0', 'p0', 'gpu0']);
  });

  test('a transfer leads to all that it passes, and is said with its size', async () => {
    const opened = await harness.open(
      `${machine('off')}transfer lo<|>ad from ssd0 to gpu0 { size 4 GiB }\nscenario s { transfer x from gpu0 to ssd0 { size 1 MiB } }`,
    );
    const [item] = await items(opened);
    expect(item?.name).toBe('load');
    expect(await around(present(item))).toEqual({ in: [], out: ['ssd0', 'p1', 'sw0', 'p0', 'gpu0'] });
    const provider = present(harness.pcie.lsp.CallHierarchyProvider);
    const [first] = (await provider.outgoingCalls({ item: present(item) })) ?? [];
    expect(first?.to.detail).toContain('load 4 GiB');
    const [start, ...others] = (await provider.incomingCalls({ item: present(first?.to) })) ?? [];
    expect(others).toEqual([]);
    expect(start?.from.detail).toContain('s: x 1 MiB');
    expect(opened.textOf(present(start?.fromRanges[0]))).toContain('transfer x');
  });

  test('a way through host memory passes the uplink both ways', async () => {
    const text = `${machine('off').replace('root-port rp0', 'root-port rp<|>0')}transfer load from ssd0 to gpu0 {\n size 4 GiB\n via host\n}`;
    const [item] = await items(await harness.open(text));
    expect(await around(present(item))).toEqual({ in: ['sw0', 'cpu0'], out: ['cpu0', 'sw0'] });
  });

  test('an array: every element', async () => {
    const opened = await harness.open(
      'machine m { socket c { root-port r gen4 x16 { switch s { port p<|>[0..3] gen4 x4 } } } }',
    );
    expect((await items(opened)).map((item) => item.name)).toEqual(['p0', 'p1', 'p2', 'p3']);
  });

  test('what nothing flows through has nobody around it', async () => {
    const [item] = await items(await harness.open(machine('off').replace('port p0', 'port p<|>0')));
    expect(await around(present(item))).toEqual({ in: [], out: [] });
  });
});
