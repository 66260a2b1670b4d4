import { beforeAll, describe, expect, test } from 'vitest';
import { Harness, present } from './harness.ts';

let harness: Harness;
beforeAll(() => {
  harness = new Harness();
  harness.shared.RulePages.set('https://example.org/docs/rules/');
});

async function hover(text: string, cursor = 0): Promise<string> {
  const opened = await harness.open(text);
  const answer = await present(harness.pcie.lsp.HoverProvider).getHoverContent(opened.document, opened.at(cursor));
  const contents = answer?.contents;
  return typeof contents === 'object' && 'value' in contents ? contents.value : '';
}

const machine = (rp: string, gpu: string) => `part gpu card {
  source "https://vendor.com/card.pdf" {
    link gen4 x16
    vram 80 GiB
    bar 0 16 MiB 64-bit
    bar 1 128 GiB 64-bit prefetchable resizable 256 MiB..128 GiB
  }
}
part gpu small : card { vram 40 GiB }
machine m {
  socket cpu0 {
    memory 384 GiB at 460 GB/s
    root-port ${rp} { gpu ${gpu} }
  }
}
`;

describe('hovers over words', () => {
  test('a keyword says what it opens, with an example', async () => {
    const text = await hover('mach<|>ine m { sock<|>et c }');
    expect(text).toContain('machine <name>');
    expect(await hover('mach<|>ine m { sock<|>et c }', 1)).toContain('A CPU socket with its root complex');
    expect(await hover('transfer t fr<|>om a to b { size 1 B }')).toContain('Where the data comes from');
  });

  test('a property says how it is written, what it means, and shows a line', async () => {
    const text = await hover('machine m { socket c { mem<|>ory 1 GiB } }');
    expect(text).toContain('memory <size> [at <rate>]');
    expect(text).toContain('Memory of the socket and its bandwidth.');
    expect(text).toContain('memory 384 GiB at 460 GB/s');
  });

  test('a property is explained by its place', async () => {
    expect(await hover('machine m { linux { mp<|>s safe } }')).toContain('pci=pcie_bus_');
    expect(await hover('part gpu g { mp<|>s 256 B }')).toContain('Device Control');
    expect(await hover('part gpu g { source "x" { mp<|>s 256 B } }')).toContain('Device Control');
  });

  test('quantities are converted, decimal and binary kept apart', async () => {
    const bytes = await hover('part gpu g { vram 8<|>0 GB }');
    expect(bytes).toContain('74.5058 GiB');
    expect(bytes.replace(/\u202f/g, '')).toContain('80000000000 B');
    const power = await hover('part gpu g { bar 0 16 M<|>iB }');
    expect(power).toContain('2^24 bytes');
    expect(power).toContain('16.7772 MB');
    const rate = await hover('part nic g { line-rate 200 G<|>b/s }');
    expect(rate).toContain('25 GB/s');
    expect(rate).toContain('23.2831 GiB/s');
    expect(await hover('part nvme d { read-latency 8<|>0 us }')).toContain('0.08 ms');
  });

  test('a generation says its rates', async () => {
    expect(await hover('part gpu g { link ge<|>n5 x16 }')).toMatch(/32 GT\/s.*x16 63 GB\/s/s);
  });

  test('a rule leads to its page, a figure says what it is', async () => {
    expect(await hover('machine m { allow p2p/acs-<|>redirect "x" }')).toContain(
      'https://example.org/docs/rules/p2p/acs-redirect.md',
    );
    expect(await hover('scenario s { expect make<|>span < 1 s }')).toContain('end of its last piece of work');
  });

  test('white space, braces and comments say nothing', async () => {
    expect(await hover('machine m {<|> } // com<|>ment')).toBe('');
    expect(await hover('machine m {<|> } // com<|>ment', 1)).toBe('');
  });
});

describe('hovers over links', () => {
  test('a port: what it runs at against both ends, what it carries, what limits it', async () => {
    const text = await hover(machine('r<|>p0 gen5 x16', 'gpu0 : card'));
    expect(text).toContain('| `rp0` can | Gen5 | x16 |');
    expect(text).toContain('| `gpu0` can | Gen4 | x16 |');
    expect(text).toContain('**Gen4** | **x16**');
    expect(text).toMatch(
      /Each way: \*\*[\d.]+ GB\/s\*\* of payload in writes, [\d.]+ GB\/s in reads, of 31\.5 GB\/s on the wire/,
    );
    expect(text).toMatch(/Wire efficiency [\d.]+ % at a payload of 256 B/);
    expect(text).toContain('| **256 B** |');
    expect(text).toContain('| 4 KiB |');
    expect(text).toContain('gpu0');
  });

  test('the rates of transfers by their size, and the size below which latency dominates, in every generation', async () => {
    for (const generation of [1, 2, 3, 4, 5, 6, 7]) {
      const text = await hover(
        `machine m { socket c { root-port r<|>p gen${generation} x8 { nic n { link gen${generation} x8 } } } }`,
      );
      const [table = ''] = text.split('payload of a TLP');
      const cells = [
        ...table.matchAll(/^\| (8 B|64 B|256 B|1 KiB|4 KiB|64 KiB) \| ([\d.]+) ([MG])B\/s \| ([\d.]+) ([MG])B/gm),
      ];
      expect(cells.map(([, size]) => size)).toEqual(['8 B', '64 B', '256 B', '1 KiB', '4 KiB', '64 KiB']);
      const rate = (value = '0', unit = 'M') => Number(value) * (unit === 'G' ? 1e9 : 1e6);
      const writes = cells.map(([, , value, unit]) => rate(value, unit));
      expect(writes).toEqual([...writes].sort((a, b) => a - b));
      const [, write = '', read = ''] =
        /dominates one write below \*\*([\d.]+ \w+)\*\* .* one read below \*\*([\d.]+ \w+)\*\*/.exec(text) ?? [];
      const bytes = (said: string) => Number.parseFloat(said) * (said.endsWith('KiB') ? 1024 : 1);
      // Rate times latency: a write of some 340 ns, a read of some 640 ns, at the rate of the longest transfers.
      expect(bytes(write)).toBeGreaterThan((writes.at(-1) ?? 0) * 300e-9);
      expect(bytes(write)).toBeLessThan((writes.at(-1) ?? 0) * 500e-9);
      expect(bytes(read)).toBeGreaterThan(1.2 * bytes(write));
    }
  });

  test('its speed and width show the same', async () => {
    expect(await hover(machine('rp0 ge<|>n5 x16', 'gpu0 : card'))).toContain('`gpu0` can');
    expect(await hover(machine('rp0 gen5 x<|>16', 'gpu0 : card'))).toContain('`gpu0` can');
  });

  test('an empty port says so', async () => {
    expect(await hover('machine m { socket c { root-port r<|>p gen4 x4 } }')).toContain('nothing plugged in');
  });
});

describe('hovers over devices, sockets, machines', () => {
  test('a device: its part, its link, its BARs', async () => {
    const text = await hover(machine('rp0 gen5 x16', 'gp<|>u0 : card'));
    expect(text).toContain('**cpu0.rp0.gpu0** · gpu · `card`');
    expect(text).toContain('Link to `rp0`: Gen4 x16');
    expect(text).toContain('| BAR 1 | 128 GiB | 64-bit, prefetchable, resizable 256 MiB..128 GiB |');
  });

  test('a BAR: its address, and the windows that it lies in', async () => {
    const text = await hover(
      'machine m { socket c { root-port rp gen4 x4 { nvme n { b<|>ar 0 16 KiB 64-bit\n bar 2 1 GiB 64-bit prefetchable } } } }',
    );
    expect(text).toContain('**BAR 0** of `c.rp.n` · 16 KiB');
    expect(text).toMatch(/At `0x80000000`-`0x80003fff`, in the memory window of `c.rp`, `0x80000000`-`0x800fffff`/);
    expect(text).toContain('in the window of the host bridge `c`');
  });

  test('a BAR without an address: why, and what would give it one', async () => {
    const text = await hover(
      'machine m { firmware { window 1 GiB below 4g\nwindow 1 GiB above 4g\n }\nsocket c { root-port rp gen4 x4 { gpu g { ba<|>r 1 8 GiB 64-bit prefetchable } } } }',
    );
    expect(text).toContain('has no address');
    expect(text).toContain('It fits with a window of 8 GiB above 4 GiB instead of 1 GiB.');
  });

  test('the same at a reference', async () => {
    expect(
      await hover(`${machine('rp0 gen5 x16', 'gpu0 : card')}transfer t from gp<|>u0 to cpu0.memory { size 1 GiB }`),
    ).toContain('**cpu0.rp0.gpu0**');
    expect(
      await hover(`${machine('rp0 gen5 x16', 'gpu0 : card')}transfer t from rp<|>0.gpu0 to cpu0.memory { size 1 GiB }`),
    ).toContain('`rp0` can');
  });

  test('an array says how many it is, an element which it is', async () => {
    const text =
      'machine m { socket c { root-port r gen4 x16 { switch s { port p[0..3] gen4 x16 { gpu g<|>[4..7] } } } } }\ntransfer t from g<|>5 to c.memory { size 1 B }';
    expect(await hover(text)).toContain('One of 4: `c.r.s.p0.g4`');
    expect(await hover(text, 1)).toContain('**c.r.s.p1.g5**');
  });

  test('a socket and a machine', async () => {
    expect(await hover('machine m { socket cp<|>u0 { memory 384 GiB at 460 GB/s\n cores 64 } }')).toContain(
      'Memory 384 GiB at 460 GB/s. 64 cores.',
    );
    expect(await hover('machine <|>m { linux { iommu off }\n socket a\n socket b }')).toMatch(/2 × socket.*IOMMU off/s);
  });
});

describe('hovers over parts, templates, files, work', () => {
  test('a part: every figure with its source, inherited ones marked', async () => {
    const text = await hover(machine('rp0 gen5 x16', 'gpu0 : sma<|>ll'));
    expect(text).toContain('**small** · part gpu, inherits from `card`');
    expect(text).toContain('| `vram 40 GiB` |  |');
    expect(text).toContain('| `bar 0 16 MiB 64-bit` *(card)* | [1] |');
    expect(text).toContain('[1] <https://vendor.com/card.pdf>');
    expect(text).not.toContain('vram 80 GiB');
  });

  test('a template and its parameters', async () => {
    const text =
      '/// Four of a kind.\ntemplate quad($<|>part = card) { gpu g : $part }\nmachine m { socket c { root-port r { use qu<|>ad() } } }';
    expect(await hover(text)).toContain('Parameter **$part** of template `quad`, `card` by default.');
    expect(await hover(text, 1)).toContain('Four of a kind.');
  });

  test('an import says what the file declares', async () => {
    await harness.open('part gpu far {}\ntemplate t() {}', 'file:///work/far.pcie');
    expect(await hover('import "fa<|>r.pcie"')).toMatch(/parts: `far`.*templates: `t`/s);
    expect(await hover('import "no<|>ne.pcie"')).toContain('There is no file');
  });

  test('a transfer says what it moves', async () => {
    const text = `${machine('rp0 gen5 x16', 'gpu0 : card')}/// Load it.\ntransfer lo<|>ad from cpu0.memory to gpu0 { size 4 GiB }`;
    expect(await hover(text)).toContain('Load it.');
    expect(await hover(text)).toContain('**load** · 4 GiB from `cpu0.memory` to `cpu0.rp0.gpu0`');
  });
});

describe('hovers over isolation and distance', () => {
  const text = `machine m {
  linux { iommu translate }
  socket cpu0 {
    root-port rp0 gen4 x16 { switch sw0 {
      port p0 gen4 x16 { gpu gpu0 }
      port p1 gen4 x16 { gpu gpu1 }
    } }
    root-port rp1 gen4 x16 { nvme ssd0 }
  }
  socket cpu1 { root-port rp2 gen4 x16 { gpu gpu2 } }
}
transfer t from gp<|>u0 to cpu0.memory { size 1 GiB }`;

  test('a device says how far the others are', async () => {
    const value = await hover(text);
    expect(value).toContain('| PIX | one switch between | `gpu1` |');
    expect(value).toContain('| PHB | through the host bridge | `ssd0` |');
    expect(value).toMatch(/\| SYS \| across sockets \| `gpu2` \|/);
  });

  test('a device says its IOMMU group, and nothing where the IOMMU is off', async () => {
    expect(await hover(text)).toMatch(/IOMMU group \d+/);
    expect(await hover(text.replace('translate', 'off'))).not.toContain('IOMMU group');
  });
});

describe('hovers over transfers', () => {
  const machine = (acs: string) => `machine m {
  linux { iommu off }
  socket cpu0 {
    vendor intel
    root-port rp0 gen5 x16 { switch sw0 { link gen5 x16
      acs ${acs}
      port p0 gen4 x16 { gpu gpu0 { link gen4 x16
        peer-to-peer on
        driver nvidia } }
      port p1 gen4 x4 { nvme ssd0 { link gen4 x4
        read-bandwidth 6.5 GB/s } }
    } }
  }
}
`;

  test('say the route and why, the bottleneck, bandwidth and latency', async () => {
    const value = await hover(`${machine('off')}transfer lo<|>ad from ssd0 to gpu0 { size 4 GiB }`);
    expect(value).toMatch(
      /Route \*\*direct\*\* \(PIX, bus-address\): \*\*6\.\d+ GB\/s\*\* expected, [\d.]+ ms in all, limited by `cpu0\.rp0\.sw0\.p1\.ssd0`/,
    );
    expect(value).toMatch(/Latency [\d.]+ ns/);
    expect(value).toContain('| `cpu0.rp0.sw0` | switch |');
  });

  test('give the reasons of a way through host memory', async () => {
    const value = await hover(`${machine('off')}transfer lo<|>ad from ssd0 to gpu0 {\n size 4 GiB\n via host\n}`);
    expect(value).toContain('Route **host-memory**');
    expect(value).toContain('The text asks for the way through host memory.');
    expect(value).toContain('| `cpu0.memory` | memory |');
  });

  test('a scenario lists what happens in it', async () => {
    const value = await hover(
      `${machine('off')}scenario st<|>ep {\n at 5 us transfer from ssd0 to gpu0 { size 1 GiB }\n process train on gpu0 { stream s { kernel 1 us } }\n}`,
    );
    expect(value).toContain('- at 5 us: 1 GiB from `cpu0.rp0.sw0.p1.ssd0` to `cpu0.rp0.sw0.p0.gpu0`');
    expect(value).toContain('- process `train` on');
  });

  test('a transfer inside a scenario is a transfer', async () => {
    const value = await hover(
      `${machine('off')}scenario step {\n at 5 us trans<|>fer from ssd0 to gpu0 { size 1 GiB }\n}`,
    );
    expect(value).toContain('Route **direct**');
  });
});
