import { beforeAll, describe, expect, test } from 'vitest';
import { type CompletionItem, CompletionList, TextDocument } from 'vscode-languageserver-protocol';
import { Harness, type Opened, present } from './harness.ts';

const machine = `part gpu big { vram 80 GiB }
part gpu small : big {}
part nvme disk {}
part interconnect cable {}
template quad($part, $count = 4) { port p gen4 x16 { gpu g : $part } }
machine m {
  socket cpu0 {
    root-port rp0 gen5 x16 { gpu gpu0 : big }
    root-port rp1 gen5 x4 { nvme ssd0 : disk }
  }
}
`;

let harness: Harness;
beforeAll(() => {
  harness = new Harness();
});

interface Answer {
  readonly opened: Opened;
  readonly items: readonly CompletionItem[];
  readonly labels: readonly string[];
  item(label: string): CompletionItem;
}

async function complete(text: string, before = machine): Promise<Answer> {
  const opened = await harness.open(before + text);
  const provider = present(harness.pcie.lsp.CompletionProvider);
  const list = (await provider.getCompletion(opened.document, opened.at())) ?? CompletionList.create();
  const items = [...list.items].sort((a, b) => ((a.sortText ?? '') < (b.sortText ?? '') ? -1 : 1));
  return {
    opened,
    items,
    labels: items.map((item) => item.label),
    item: (label) =>
      present(
        items.find((item) => item.label === label),
        label,
      ),
  };
}

/** The text after an item was accepted. */
function accept(answer: Answer, label: string): string {
  const edit = answer.item(label).textEdit;
  if (edit === undefined || !('range' in edit)) throw new Error(`${label} has no edit`);
  return TextDocument.applyEdits(answer.opened.document.textDocument, [edit]).slice(machine.length);
}

describe('completion at the start of a statement', () => {
  test('in a file: what a file may declare', async () => {
    const { labels } = await complete('<|>');
    for (const word of ['import', 'machine', 'part', 'template', 'scenario', 'transfer'])
      expect(labels).toContain(word);
    for (const word of ['socket', 'gpu', 'size', 'port']) expect(labels).not.toContain(word);
  });

  test('in a machine, a socket, a port, a switch: what may stand there', async () => {
    const inMachine = (await complete('machine n {\n  <|>\n}')).labels;
    expect(inMachine).toEqual(
      expect.arrayContaining(['socket', 'firmware', 'linux', 'connect', 'override', 'vm', 'use', 'expect']),
    );
    expect(inMachine).not.toContain('gpu');
    const inSocket = (await complete('machine n {\n  socket s {\n    <|>')).labels;
    expect(inSocket).toEqual(expect.arrayContaining(['root-port', 'chipset', 'memory', 'nps', 'window']));
    expect(inSocket).not.toContain('port');
    const inPort = (await complete('machine n { socket s { root-port r gen4 x16 {\n <|>\n} } }')).labels;
    expect(inPort).toEqual(expect.arrayContaining(['switch', 'gpu', 'nvme', 'bifurcation', 'acs', 'wired']));
    const inSwitch = (await complete('machine n { socket s { root-port r gen4 x16 { switch w {\n <|>\n} } } }')).labels;
    expect(inSwitch).toContain('port');
    expect(inSwitch).not.toContain('root-port');
  });

  test('in blocks of properties: those of the block', async () => {
    expect([...(await complete('machine n {\n  firmware {\n    <|>')).labels].sort()).toEqual([
      'above-4g',
      'resizable-bar',
      'sr-iov',
      'window',
    ]);
    expect((await complete('part fpga f {\n  sriov {\n <|>')).labels).toContain('total-vfs');
  });

  test('in parts: properties and sources, no structure', async () => {
    const { labels } = await complete('part gpu mine : big {\n  <|>\n}');
    expect(labels).toEqual(expect.arrayContaining(['vram', 'link', 'bar', 'source']));
    expect(labels).not.toContain('allow');
    expect((await complete('part mine : big {\n  source "x" {\n  <|>\n}')).labels).toContain('vram');
  });

  test('what was said once is not offered again', async () => {
    const { labels } = await complete('machine n { socket s {\n  memory 1 GiB\n  <|>\n  cores 4\n} }');
    expect(labels).not.toContain('memory');
    expect(labels).toContain('window');
  });

  test('in work: its properties, clauses and operations', async () => {
    expect((await complete('transfer t from ssd0 to gpu0 {\n <|>')).labels).toEqual(
      expect.arrayContaining(['size', 'block', 'depth', 'via', 'expect']),
    );
    expect((await complete('scenario s {\n <|>')).labels).toEqual(
      expect.arrayContaining(['at', 'transfer', 'process', 'collective']),
    );
    expect((await complete('scenario s { process p on gpu0 { stream s0 {\n <|>')).labels).toEqual(
      expect.arrayContaining(['copy', 'kernel', 'record', 'wait']),
    );
    expect((await complete('scenario s { at 5 us transfer t from ssd0 to gpu0 {\n <|>')).labels).toContain('size');
  });

  test('comes with documentation', async () => {
    const { item } = await complete('machine n { socket s {\n mem<|>');
    expect(item('memory').documentation).toMatchObject({ kind: 'markdown' });
    expect(JSON.stringify(item('memory').documentation)).toContain('memory 384 GiB at 460 GB/s');
  });

  test('replaces the word at the cursor', async () => {
    const answer = await complete('machine n { socket s {\n nu<|>\n} }');
    expect(answer.labels).toEqual(['numa']);
    expect(accept(answer, 'numa')).toBe('machine n { socket s {\n numa 0\n} }');
  });

  test('is silent in comments and texts', async () => {
    expect((await complete('// so<|>')).labels).toEqual([]);
    expect((await complete('part gpu g { source "ht<|>" }')).labels).toEqual([]);
  });
});

describe('completion in components', () => {
  test('a free name, then speeds and widths, then parts of the kind', async () => {
    expect((await complete('', machine.replace('gpu0 : big }', 'gpu0 : big\n gpu <|> }'))).labels).toEqual(['gpu1']);
    const { labels } = await complete('machine n { socket s { root-port r <|> } }');
    expect(labels.slice(0, 7)).toEqual(['gen1', 'gen2', 'gen3', 'gen4', 'gen5', 'gen6', 'gen7']);
    expect(labels).toContain('x16');
    expect(
      (await complete('machine n { socket s { root-port r gen4 <|> } }')).labels.filter((label) =>
        label.startsWith('gen'),
      ),
    ).toEqual([]);
    const parts = (await complete('machine n { socket s { root-port r gen4 x16 { gpu g : <|> } } }')).labels;
    expect(parts).toEqual(expect.arrayContaining(['big', 'small']));
    expect(parts).not.toContain('disk');
  });

  test('a part shows what it is', async () => {
    const { item } = await complete('machine n { socket s { root-port r { gpu g : sm<|> } } }');
    expect(item('small').detail).toBe('part gpu');
    expect(JSON.stringify(item('small').documentation)).toContain('part gpu small : big');
  });

  test('in templates also the parameters', async () => {
    expect((await complete('template t($model) { gpu g : <|> }')).labels).toContain('$model');
  });
});

describe('completion of values', () => {
  const inDevice = (text: string) => complete(`part gpu d {\n  ${text}\n}`);

  test('words that the property takes', async () => {
    expect((await inDevice('driver <|>')).labels).toEqual(
      expect.arrayContaining([
        'nvidia',
        'nvidia-open',
        'nouveau',
        'amdgpu',
        'i915',
        'xe',
        'vfio-pci',
        'none',
        'unknown',
      ]),
    );
    expect((await complete('machine n {\n linux { iommu <|> }\n}')).labels).toEqual([
      'off',
      'passthrough',
      'translate',
    ]);
  });

  test('legal widths and generations, with their rates', async () => {
    const answer = await inDevice('link gen4 <|>');
    expect(answer.labels).toEqual(['x1', 'x2', 'x4', 'x8', 'x12', 'x16', 'x32']);
    const generations = await inDevice('link <|>');
    expect(JSON.stringify(generations.item('gen3').documentation)).toContain('8 GT/s');
  });

  test('sizes of BARs are powers of two', async () => {
    const { labels } = await inDevice('bar 1 <|>');
    expect(labels).toContain('16 MiB');
    expect(labels).toContain('128 GiB');
    expect(labels).toContain('128 B');
    expect(labels).not.toContain('3 MiB');
    expect((await inDevice('bar 1 16<|>')).labels).toEqual(['16 KiB', '16 MiB', '16 GiB']);
    expect((await inDevice('bar 1 16 MiB <|>')).labels).toEqual(
      expect.arrayContaining(['64-bit', 'prefetchable', 'resizable']),
    );
  });

  test('units after a number', async () => {
    expect((await inDevice('vram 80 <|>')).labels).toEqual(expect.arrayContaining(['GiB', 'GB', 'TiB']));
    expect((await inDevice('vram-bandwidth 80 <|>')).labels).toEqual(['GB/s', 'MB/s', 'GiB/s', 'Gb/s']);
    expect((await inDevice('vram 80 Gi<|>')).labels).toEqual(['GiB']);
    expect((await inDevice('latency 80<|>')).labels).toEqual(['80 ns', '80 us', '80 ms', '80 s']);
  });

  test('what comes next in a longer value', async () => {
    expect((await complete('machine n { socket s { memory 384 GiB <|> } }')).labels).toEqual(['at']);
    expect((await complete('machine n { firmware {\n window 2 GiB below <|>\n} }')).labels).toEqual(['4g']);
    expect((await complete('scenario s { process p on gpu0 { stream q {\n copy <|>\n} } }')).labels).toEqual(
      expect.arrayContaining(['h2d', 'd2h', 'd2d', 'p2p']),
    );
  });
});

describe('completion of names', () => {
  test('devices and memories in transfers', async () => {
    const { labels, item } = await complete('transfer t from <|>');
    expect(labels).toEqual(expect.arrayContaining(['gpu0', 'ssd0', 'cpu0.memory']));
    expect(labels).not.toContain('rp0');
    expect(item('gpu0').detail).toContain('cpu0.rp0.gpu0');
  });

  test('what stands in a component, after a dot', async () => {
    expect((await complete('transfer t from cpu0.<|>')).labels).toEqual(['rp0', 'rp1', 'memory']);
    const answer = await complete('transfer t from cpu0.rp<|>');
    expect(accept(answer, 'rp1')).toBe('transfer t from cpu0.rp1');
  });

  test('clauses that are not there yet', async () => {
    const { labels } = await complete('transfer t from ssd0 <|>');
    expect(labels[0]).toBe('to');
    expect(labels).not.toContain('from');
  });

  test('GPUs for processes, machines for scenarios, work for expectations', async () => {
    expect((await complete('scenario s {\n process p on <|>\n}')).labels).toEqual(['gpu0']);
    expect((await complete('scenario s on <|>')).labels).toContain('m');
    const text = 'transfer load from ssd0 to gpu0 { size 1 GiB }\nscenario s {\n expect bandwidth of <|>\n}';
    expect((await complete(text)).labels).toContain('load');
  });

  test('events of the scenario', async () => {
    const text = 'scenario s { process p on gpu0 {\n stream a { record done }\n stream b { wait <|> }\n} }';
    expect((await complete(text)).labels).toEqual(['done']);
  });

  test('templates with their parameters, and the parameters by name', async () => {
    const { item } = await complete('machine n { socket s { root-port r { switch w { use <|> } } } }');
    expect(item('quad').detail).toBe('template($part, $count)');
    expect((await complete('machine n { socket s { root-port r { switch w { use quad(<|>) } } } }')).labels).toEqual(
      expect.arrayContaining(['$part =', '$count =']),
    );
  });

  test('interconnects for connections', async () => {
    expect((await complete('machine n {\n connect cpu0 to cpu1 : <|>\n}')).labels).toEqual(['cable']);
  });

  test('files that may be imported', async () => {
    await harness.open('part gpu other {}', 'file:///work/lib/other.pcie');
    const answer = await complete('import "<|>"', '');
    expect(answer.labels).toContain('lib/other.pcie');
  });
});

describe('completion of expectations', () => {
  test('figures, comparisons, units', async () => {
    const inTransfer = (text: string) => complete(`transfer t from ssd0 to gpu0 {\n ${text}\n}`);
    expect((await inTransfer('expect <|>')).labels).toEqual(
      expect.arrayContaining(['bandwidth', 'latency', 'path', 'no', 'finding']),
    );
    expect((await inTransfer('expect bandwidth <|>')).labels.slice(0, 2)).toEqual(['>=', '<=']);
    expect((await inTransfer('expect path <|>')).labels).toEqual(['direct', 'host-bridge', 'host-memory', 'none']);
    expect((await inTransfer('expect bandwidth >= 6 <|>')).labels).toEqual(['GB/s', 'MB/s', 'GiB/s', 'Gb/s']);
    expect((await inTransfer('expect bandwidth >= 6 GB/s <|>')).labels).toEqual(['within']);
  });
});
