import { beforeEach, describe, expect, test } from 'vitest';
import { Harness, present } from './harness.ts';

let harness: Harness;
beforeEach(() => {
  harness = new Harness();
});

/** The text with each hint where it stands. */
async function hinted(text: string): Promise<string> {
  const opened = await harness.open(text);
  const whole = { start: { line: 0, character: 0 }, end: opened.document.textDocument.positionAt(opened.text.length) };
  const hints =
    (await present(harness.pcie.lsp.InlayHintProvider).getInlayHints(opened.document, {
      textDocument: { uri: opened.uri },
      range: opened.ranges.length > 0 ? opened.range() : whole,
    })) ?? [];
  let result = opened.text;
  const placed = hints.map((hint) => ({
    offset: opened.document.textDocument.offsetAt(hint.position),
    label: String(hint.label),
  }));
  for (const { offset, label } of placed.sort((a, b) => b.offset - a.offset))
    result = `${result.slice(0, offset)}«${label}»${result.slice(offset)}`;
  return result;
}

const hints = async (text: string): Promise<string[]> =>
  [...(await hinted(text)).matchAll(/«([^»]*)»/g)].map((found) => found[1] ?? '');

describe('inlay hints behind links', () => {
  test('say what the link carries each way, behind its width', async () => {
    expect(await hinted('machine m { socket c { root-port r gen4 x16 { gpu g { link gen4 x16 } } } }')).toMatch(
      /root-port r gen4 x16«[\d.]+ GB\/s» \{ gpu g/,
    );
  });

  test('say the trained state where it is lower than the port', async () => {
    expect(await hints('machine m { socket c { root-port r gen5 x16 { nvme d { link gen4 x4 } } } }')).toEqual([
      expect.stringMatching(/^→ Gen4 x4 · [\d.]+ GB\/s$/),
    ]);
  });

  test('are there once for an array, with all its rates', async () => {
    const text = `machine m { socket c { root-port r gen5 x16 { switch s { link gen5 x16
      port p[0..1] gen4 x16 { gpu g[0..1] { link gen4 x16 } }
    } } }
    override g1 { link gen3 x16 }
    }`;
    const found = await hints(text);
    expect(found).toHaveLength(2);
    expect(found[1]).toMatch(/^→ [\d.]+ GB\/s or Gen3 x16 · [\d.]+ GB\/s$/);
  });

  test('stay within the range that was asked for', async () => {
    const text = `machine m { socket c {
  root-port a gen4 x16
<|  root-port b gen3 x8
|>  root-port d gen3 x8
} }`;
    expect(await hinted(text)).toMatch(/a gen4 x16\n.*b gen3 x8«.*\n.*d gen3 x8\n/);
  });

  test('can be turned off', async () => {
    harness.shared.workspace.ConfigurationProvider.updateConfiguration({
      settings: { pcie: { hints: { links: false } } },
    });
    expect(await hints('machine m { socket c { root-port r gen4 x16 } }')).toEqual([]);
  });
});

describe('inlay hints behind transfers', () => {
  const machine = `machine m {
  linux { iommu off }
  socket c {
    root-port r gen5 x16 { switch s { link gen5 x16
      acs off
      port p0 gen4 x16 { gpu g { link gen4 x16
        peer-to-peer on
        driver nvidia } }
      port p1 gen4 x4 { nvme d { link gen4 x4
        read-bandwidth 6.5 GB/s
        read-latency 80 us } }
    } }
  }
}
`;

  test('say the rate that it should reach, and what limits it', async () => {
    harness.shared.workspace.ConfigurationProvider.updateConfiguration({
      settings: { pcie: { hints: { links: false } } },
    });
    const text = `${machine}transfer t from d to g { size 4 GiB }`;
    expect(await hinted(text)).toMatch(/transfer t from d to g«≈ 6\.\d+ GB\/s» \{ size/);
    const opened = await harness.open(text);
    const range = {
      start: { line: 0, character: 0 },
      end: opened.document.textDocument.positionAt(opened.text.length),
    };
    const [hint] =
      (await present(harness.pcie.lsp.InlayHintProvider).getInlayHints(opened.document, {
        textDocument: { uri: opened.uri },
        range,
      })) ?? [];
    expect(hint?.tooltip).toContain('limited by c.r.s.p1.d');
  });

  test('count the latency of a small one, and the block and depth that are said', async () => {
    harness.shared.workspace.ConfigurationProvider.updateConfiguration({
      settings: { pcie: { hints: { links: false } } },
    });
    expect(await hints(`${machine}transfer t from d to g { size 4 KiB }`)).toEqual([
      expect.stringMatching(/^≈ 5\d\.\d MB\/s$/),
    ]);
    expect(await hints(`${machine}transfer t from d to g {\n size 4 GiB\n block 4 KiB\n depth 1\n}`)).toEqual([
      expect.stringMatching(/^≈ 5\d\.\d MB\/s$/),
    ]);
  });

  test('stand in scenarios too, and can be turned off', async () => {
    const text = `${machine}scenario x { at 0 us transfer from d to g { size 4 GiB } }`;
    expect((await hints(text)).at(-1)).toMatch(/^≈ 6\.\d+ GB\/s$/);
    harness.shared.workspace.ConfigurationProvider.updateConfiguration({
      settings: { pcie: { hints: { links: false, transfers: false } } },
    });
    expect(await hints(text)).toEqual([]);
  });
});
