import { describe, expect, test } from 'vitest';
import type { DiagramAction } from '../../server/diagram/diagram.types.ts';
import type { Subject } from '../../server/protocol.ts';
import { Harness } from './harness.ts';

const harness = new Harness();
await harness.start();
const { Operations } = harness.shared;

const server = `machine m {
  linux { iommu translate }
  socket cpu0 {
    numa 1
    root-port rp0 gen5 x16 {
      switch sw0 {
        link gen5 x16
        acs off // peers talk
        port p0 gen4 x16 { gpu gpu0 { link gen4 x16 } }
        port p1 gen4 x16 { gpu gpu1 { link gen3 x8 } } // the slow one
        port p2 gen4 x4
        port p[3..4] gen4 x4 { nvme ssd[0..1] }
      }
    }
    root-port rp1 gen4 x16
  }
}
`;

const shown = (subject: Subject) => Operations.diagrams.watch(subject)?.diagram ?? null;

async function diagram(text: string) {
  const { uri } = await harness.open(text);
  const made = shown({ uri, name: null });
  if (made === null) throw new Error('there is no machine');
  return made;
}

/** The text after an action. */
async function textAfter(text: string, action: DiagramAction): Promise<string> {
  const opened = await harness.open(text);
  const { edits, uri } = Operations.changeDiagram({ uri: opened.uri, name: null }, action);
  expect(uri).toBe(opened.uri);
  const offsets = edits
    .map(({ range, newText }) => ({
      start: opened.document.textDocument.offsetAt(range.start),
      end: opened.document.textDocument.offsetAt(range.end),
      newText,
    }))
    .sort((a, b) => b.start - a.start || b.end - a.end);
  for (const [index, edit] of offsets.entries()) {
    const later = offsets[index - 1];
    if (later !== undefined) expect(edit.end, 'edits do not overlap').toBeLessThanOrEqual(later.start);
  }
  return offsets.reduce((now, { start, end, newText }) => now.slice(0, start) + newText + now.slice(end), opened.text);
}

describe('what the rules say of the machine', () => {
  const marked = async (text: string) =>
    ((await diagram(text)).findings ?? []).map(({ code, nodes }) => [code, ...nodes] as const);

  test('stands at the node of its line; at all that the line makes; at a subject where the line is elsewhere', async () => {
    const found = await marked(`machine m {
  socket s {
    root-port a gen4 x3
    root-port b[0..1] gen4 x4 { nvme drive[0..1] { mrrs 100 B } }
    root-port c gen4 x16 { use tray }
  }
}
template tray {
  gpu g { bar 0 3 MiB }
}
`);
    expect(found).toContainEqual(['link/illegal-width', 's.a']);
    expect(found).toContainEqual(['payload/illegal-size', 's.b0.drive0', 's.b1.drive1']);
    expect(found).toContainEqual(['bar/size', 's.c.g']);
  });

  test('belongs to the machine that it is about, or to it as a whole', async () => {
    const { uri } = await harness.open(`machine first { socket s { root-port a gen4 x3 } }
machine second {
  linux {
    iommu off
    isolation on
  }
  socket s { root-port a gen4 x16 }
}
`);
    const of = (name: string) => shown({ uri, name })?.findings?.map(({ code, nodes }) => [code, ...nodes]);
    expect(of('first')).toContainEqual(['link/illegal-width', 's.a']);
    expect(of('second')).toEqual([['iommu/off-with-isolation']]);
  });
});

describe('the data of the picture', () => {
  test('has every component below its parent, and every link with its state', async () => {
    const { nodes, links, machine } = await diagram(server);
    expect(machine).toBe('m');
    const seen = new Set<string>();
    for (const node of nodes) {
      if (node.parent !== null) expect(seen).toContain(node.parent);
      seen.add(node.name);
    }
    const slow = links.find((link) => link.device?.endsWith('.gpu1'));
    expect(slow).toMatchObject({
      port: 'cpu0.rp0.sw0.p1',
      trained: { generation: 3, lanes: 8 },
      trainedLower: false,
    });
    expect(slow?.limit).toContain('gpu1');
    expect(links.find((link) => link.port === 'cpu0.rp1')).toMatchObject({ device: null, trainedLower: false });
    expect(nodes.find((node) => node.label === 'gpu0')).toMatchObject({ numaNode: 1, shortName: 'gpu0' });
    expect(nodes.find((node) => node.label === 'p0')?.acs).toMatchObject({ control: [], redirects: false });
    expect(nodes.find((node) => node.label === 'rp0')?.acs).toMatchObject({ redirects: true, setBy: 'kernel' });
  });

  test('marks a link that runs lower than both ends could', async () => {
    const { links } = await diagram(`machine m { socket s { root-port rp gen4 x16 { wired x8
      gpu g { link gen4 x16 } } } }`);
    expect(links[0]).toMatchObject({
      trained: { generation: 4, lanes: 8 },
      capable: { lanes: 16 },
      trainedLower: true,
    });
  });

  test('leads to the text, also through templates and arrays', async () => {
    const opened = await harness.open(`template box { switch sw { port p gen4 x4 { nvme ssd } } }
machine m { socket s { root-port rp[0..1] gen4 x4 { use box } } }`);
    const made = shown({ uri: opened.uri, name: 'm' });
    const ssd = made?.nodes.filter((node) => node.label === 'ssd');
    expect(ssd).toHaveLength(2);
    const [first, second] = (ssd ?? []).map(({ name }) =>
      Operations.diagramPlace({ uri: opened.uri, name: 'm' }, name),
    );
    expect(opened.textOf(first?.place.range ?? opened.range())).toBe('nvme ssd');
    expect(opened.textOf(second?.usedAt ?? opened.range())).toBe('use box');
    expect(Operations.diagramPlace({ uri: opened.uri, name: 'm' }, 's.nothing')).toBeNull();
    expect(ssd?.[0]?.actions.move).toMatch(/template/);
    expect(made?.nodes.find((node) => node.label === 'rp1')?.actions).toMatchObject({ link: true, move: null });
  });

  test('is there while the text has errors', async () => {
    const made = await diagram(`machine m { socket s { root-port rp0 gen4 x16 { gpu g0 : nothing }
      root-port rp1 gen9 x17 { gpu }
      root-port rp2 gen4 x8 { nvme d0 }
    }`);
    expect(made.errors).toBeGreaterThan(0);
    expect(made.nodes.map((node) => node.label)).toEqual(expect.arrayContaining(['s', 'rp0', 'g0', 'rp2', 'd0']));
    const twins = await diagram(
      'machine m { socket s { root-port a gen4 x4 { nvme x }\n root-port a gen4 x4 { nvme y } } }',
    );
    expect(twins.nodes.map((node) => [node.name, node.parent])).toEqual([
      ['s', null],
      ['s.a', 's'],
      ['s.a.x', 's.a'],
      ['s.a#2', 's'],
      ['s.a.y', 's.a#2'],
    ]);
    const { uri } = await harness.open('socket s');
    expect(shown({ uri, name: 'm' })).toBeNull();
  });

  test('has the load of the last run, by link and direction', async () => {
    const { uri } = await harness.open(`machine m { socket s { memory 64 GiB at 100 GB/s
      root-port rp0 gen4 x16 { gpu g { link gen4 x16 } } root-port rp1 gen4 x16 } }
transfer t from s to g { size 1 GiB }`);
    expect(shown({ uri, name: 'm' })?.load).toBeNull();
    await Operations.simulate({ uri, name: 't' }, {}, undefined, {
      isCancellationRequested: false,
      onCancellationRequested: () => ({ dispose: () => undefined }),
    });
    const load = shown({ uri, name: 'm' })?.load;
    expect(load).toMatchObject({ run: 't', stale: false });
    expect(load?.links['s.rp0']?.down).toBeGreaterThan(0.5);
    expect(load?.links['s.rp0']?.up ?? 0).toBeLessThan(0.2);
  });

  test('tells what held the last run back, and where that is in the picture', async () => {
    const { uri } = await harness.open(`machine m {
  socket s { memory 64 GiB at 5 GB/s
    root-port rp0 gen4 x16 { gpu g { link gen4 x16 } }
    root-port rp1 gen3 x1 { nvme d { link gen4 x4 \n read-bandwidth 6 GB/s } }
    root-port rp2 gen4 x4 { nvme e { link gen4 x4 \n read-bandwidth 1 GB/s } }
  }
}
transfer link from d to g { size 1 GiB }
transfer drive from e to g { size 1 GiB }
transfer memory from s to g { size 1 GiB }`);
    await Operations.simulate({ uri, name: null }, {}, undefined, {
      isCancellationRequested: false,
      onCancellationRequested: () => ({ dispose: () => undefined }),
    });
    const limits = shown({ uri, name: 'm' })?.load?.limits ?? [];
    expect(limits.map(({ name, at, kind, holds, holdsCount }) => [name, at, kind, holds, holdsCount])).toEqual([
      ['rp1', 's.rp1', 'link', ['link'], 1],
      ['e', 's.rp2.e', 'device', ['drive'], 1],
      ['s.memory', 's', 'memory', ['memory'], 1],
    ]);
    for (const { share } of limits) expect(share).toBeGreaterThan(0.9);
  });
});

describe('changes made in the picture', () => {
  const p = 'cpu0.rp0.sw0.p';

  test('plug a device into another port, and leave no empty block', async () => {
    const now = await textAfter(server, { kind: 'move', device: `${p}0.gpu0`, port: `${p}2` });
    expect(now).toContain('port p0 gen4 x16\n');
    expect(now).toContain('port p2 gen4 x4 { gpu gpu0 { link gen4 x16 } }\n');
    expect((await diagram(now)).nodes.map((node) => node.name)).toContain(`${p}2.gpu0`);
  });

  test('keep every comment', async () => {
    const text = `machine m {
  socket s {
    root-port a gen4 x16 { // slot 1
      slot x16
      /// the first
      // card
      gpu g0 : a100-pcie-80gb { // big
        mrrs 512 B // why not
      } // behind
      // stays
    }
    root-port b gen4 x16 // slot 2
    root-port c gen4 x16 {
      slot x16 // c
    }
  }
}
transfer t from a.g0 to s { size 1 GiB }
`;
    const now = await textAfter(text, { kind: 'move', device: 's.a.g0', port: 's.b' });
    expect(now).toBe(`machine m {
  socket s {
    root-port a gen4 x16 { // slot 1
      slot x16
      // stays
    }
    root-port b gen4 x16 {
      /// the first
      // card
      gpu g0 : a100-pcie-80gb { // big
        mrrs 512 B // why not
      } // behind
    } // slot 2
    root-port c gen4 x16 {
      slot x16 // c
    }
  }
}
transfer t from g0 to s { size 1 GiB }
`);
    const other = await textAfter(text, { kind: 'move', device: 's.a.g0', port: 's.c' });
    expect(other).toContain(`      slot x16 // c
      /// the first
      // card
      gpu g0 : a100-pcie-80gb { // big
        mrrs 512 B // why not
      } // behind
    }
`);
  });

  test('plug into an element of an array by an override', async () => {
    const text = server.replace(' { nvme ssd[0..1] }', '');
    const now = await textAfter(text, { kind: 'move', device: `${p}0.gpu0`, port: `${p}4` });
    expect(now).toContain('  override p4 { gpu gpu0 { link gen4 x16 } }\n}');
    expect((await diagram(now)).nodes.map((node) => node.name)).toContain(`${p}4.gpu0`);
  });

  test('set the width where it stands, or by an override for an element of an array', async () => {
    const own = await textAfter(server, { kind: 'link', port: `${p}1`, lanes: 4, generation: null });
    expect(own).toContain('port p1 gen4 x4 { gpu gpu1 { link gen3 x8 } } // the slow one');
    const element = await textAfter(server, { kind: 'link', port: `${p}4`, lanes: 2, generation: 3 });
    expect(element).toContain('  override p4 gen3 x2\n}');
    const again = await textAfter(element, { kind: 'link', port: `${p}4`, lanes: 1, generation: null });
    expect(again).toContain('  override p4 gen3 x1\n}');
    expect(again.match(/override/g)).toHaveLength(1);
  });

  test('switch ACS, where it is said or where it is not said yet', async () => {
    const flipped = await textAfter(server, { kind: 'acs', port: 'cpu0.rp0.sw0', on: true });
    expect(flipped).toContain('acs default // peers talk');
    const one = await textAfter(server, { kind: 'acs', port: 'cpu0.rp1', on: false });
    expect(one).toContain('root-port rp1 gen4 x16 { acs off }');
    const made = await diagram(await textAfter(server, { kind: 'acs', port: `${p}0`, on: true }));
    expect(made.nodes.find((node) => node.name === `${p}0`)?.acs?.redirects).toBe(true);
    expect(made.nodes.find((node) => node.name === `${p}1`)?.acs?.redirects).toBe(false);
  });

  test.each([
    [{ kind: 'move', device: `${p}0.gpu0`, port: `${p}1` }, /holds gpu1 already/],
    [{ kind: 'move', device: `${p}3.ssd0`, port: `${p}2` }, /one of 2 that one line makes/],
    [{ kind: 'move', device: `${p}0.gpu0`, port: `${p}0` }, /there already/],
    [{ kind: 'move', device: 'cpu0.rp0', port: `${p}2` }, /cannot be plugged/],
    [{ kind: 'move', device: 'cpu0.rp0.sw0', port: `${p}2` }, /below itself/],
    [{ kind: 'move', device: 'nobody', port: `${p}2` }, /no nobody any more/],
    [{ kind: 'link', port: `${p}0`, lanes: 3, generation: null }, /lanes, not 3/],
    [{ kind: 'link', port: `${p}0`, lanes: 16, generation: 4 }, /already/],
    [{ kind: 'link', port: `${p}0.gpu0`, lanes: 16, generation: 4 }, /no link of its own/],
  ] as const)('refuse with the reason: %j', async (action, message) => {
    await expect(textAfter(server, action)).rejects.toThrow(message);
  });
});
