import { URI } from 'langium';
import { describe, expect, test } from 'vitest';
import type { Diagram } from '../../server/diagram/diagram.types.ts';
import { DiagramFeed } from '../../server/diagram/feed.ts';
import { updateBetween, updated } from '../../server/diagram/update.ts';
import type { WatchedChange } from '../../server/protocol.ts';
import { Harness } from './harness.ts';

const harness = new Harness();
await harness.start();
const { shared, pcie } = harness;
const uri = 'file:///work/feed.pcie';

const text = `machine m {
  linux { iommu translate }
  socket cpu0 {
    numa 1
    root-port rp0 gen5 x16 {
      switch sw0 {
        link gen5 x16
        port p0 gen4 x16 { gpu gpu0 { link gen4 x16 } }
        port p1 gen4 x16 { gpu gpu1 { link gen3 x8 } }
        port p[3..4] gen4 x4 { nvme ssd[0..1] }
      }
    }
    root-port rp1 gen4 x16
  }
}
transfer t from ssd0 to gpu0 { size 1 GiB }
`;

/** A feed over the documents of the harness, and what it tells. */
function feedOf() {
  const told: WatchedChange[] = [];
  const feed = new DiagramFeed(
    {
      document: (name) => shared.workspace.LangiumDocuments.getDocument(URI.parse(name)),
      machines: (document) => pcie.Elaborations.structures(document).machines,
      runs: (name) => shared.Runs.store.all(name),
      tax: () => 'measured',
    },
    (change) => told.push(change),
  );
  return { feed, told };
}

const plain = (diagram: Diagram | null) => (diagram === null ? null : { ...diagram, version: 0 });

/** What edits make of a text, one after the other. */
const edits: readonly (readonly [what: string, change: (now: string) => string])[] = [
  ['a line more moves what is below', (now) => now.replace('    numa 1\n', '    numa 1\n    // a note\n')],
  ['a name', (now) => now.replace('gpu gpu1', 'gpu gpu1b')],
  ['the name of what holds the others', (now) => now.replace('switch sw0', 'switch box')],
  ['a device more', (now) => now.replace('root-port rp1 gen4 x16', 'root-port rp1 gen4 x16 { nic n0 }')],
  ['an array that is longer', (now) => now.replace('p[3..4]', 'p[3..6]').replace('ssd[0..1]', 'ssd[0..3]')],
  ['another width, with findings', (now) => now.replace('gpu gpu0 { link gen4 x16 }', 'gpu gpu0 { link gen4 x3 }')],
  ['an error', (now) => now.replace('iommu translate', 'iommu')],
  ['its end', (now) => now.replace('{ iommu }', '{ iommu off }')],
  ['another name of the machine', (now) => now.replace('machine m ', 'machine box9 ')],
  ['a machine in front of it', (now) => `machine first { socket s { root-port a gen3 x1 } }\n${now}`],
  ['all of it gone', () => '// nothing\n'],
  ['all of it back', () => text],
];

describe('a picture that is watched', () => {
  test('is, with what is told, what it would be from nothing', async () => {
    await harness.open(text, uri);
    const { feed, told } = feedOf();
    const watched = feed.watch({ uri, name: null });
    let shown = watched?.diagram ?? null;
    let now = text;
    let step = watched?.step;
    for (const [what, change] of edits) {
      const next = change(now);
      expect(next, what).not.toBe(now);
      now = next;
      await harness.open(now, uri);
      feed.refresh();
      for (const { step: at, now: said } of told.splice(0)) {
        expect(at, what).toBe((step ?? 0) + 1);
        step = at;
        if (said === null) shown = null;
        else if ('diagram' in said) shown = said.diagram;
        else if (shown !== null) shown = updated(shown, said.update);
      }
      const name = shown?.machine ?? null;
      expect(plain(shown), what).toEqual(plain(feedOf().feed.watch({ uri, name })?.diagram ?? null));
      // Nothing has happened since.
      feed.refresh();
      expect(told, what).toEqual([]);
    }
  });

  test('costs the wire what is otherwise, and keeps the rest as the same objects', async () => {
    await harness.open(text, uri);
    const { feed, told } = feedOf();
    const before = feed.watch({ uri, name: null })?.diagram;
    await harness.open(text.replace('nvme ssd', '\n\n        nvme ssd').replace('gpu gpu1 {', 'gpu gpu7 {'), uri);
    feed.refresh();
    const [said] = told;
    if (before === undefined || said?.now == null || !('update' in said.now)) throw new Error('an update was told');
    const { update } = said.now;
    expect(update.nodes).toMatchObject({ removed: 1, added: [{ label: 'gpu7' }] });
    expect(update.nodes?.changed).toEqual([]);
    expect(update).not.toHaveProperty('machines');
    const after = updated(before, update);
    const kept = after.nodes.filter((node) => before.nodes.includes(node));
    expect(kept).toHaveLength(before.nodes.length - 1);
  });

  test('keeps what the rules said until they have looked again', async () => {
    const wrong = text.replace('root-port rp1 gen4 x16', 'root-port rp1 gen4 x3');
    const { document } = await harness.open(wrong, uri);
    const { feed, told } = feedOf();
    const before = feed.watch({ uri, name: null })?.diagram;
    expect(before?.findings?.map(({ code }) => code)).toContain('link/illegal-width');
    const { diagnostics } = document;
    // As while a text is typed: read, and not looked at.
    Object.assign(document, { diagnostics: undefined });
    feed.refresh();
    expect(told).toEqual([]);
    Object.assign(document, { diagnostics: [] });
    feed.refresh();
    expect(told.map(({ now }) => now)).toMatchObject([{ update: { findings: { removed: before?.findings?.length } } }]);
    Object.assign(document, { diagnostics });
  });

  test('ends with its document, and holds up nobody', async () => {
    const other = 'file:///work/feed-other.pcie';
    await harness.open(text, uri);
    await harness.open(text, other);
    const { feed, told } = feedOf();
    feed.watch({ uri: other, name: null });
    feed.watch({ uri, name: null });
    await shared.workspace.DocumentBuilder.update([], [(await harness.open(text, other)).document.uri]);
    await harness.open(text.replace('gpu1', 'gpu9'), uri);
    feed.refresh();
    expect(told.map(({ uri: of, now }) => [of, now === null])).toEqual([
      [other, true],
      [uri, false],
    ]);
    feed.unwatch(uri);
    await harness.open(text, uri);
    feed.refresh();
    expect(told).toHaveLength(2);
  });
});

test('pictures that are alike need no update', async () => {
  await harness.open(text, uri);
  const [one, two] = [feedOf(), feedOf()].map(({ feed }) => feed.watch({ uri, name: null })?.diagram);
  if (one === undefined || two === undefined) throw new Error('there is a machine');
  expect(updateBetween(one, two)).toBeNull();
});

describe('the cursor in the text', () => {
  const boxes = `machine m {
  socket s {
    root-port a gen4 x4 { nvme <|>x { link gen4 x4 } }
    root-<|>port b[0..1] gen4 x4
    root-port c gen4 x16 { use <|>tray }
  }
<|>}
template tray {
  switch sw {
    port p gen4 x4 { nvme <|>y }
  }
}
`;
  test('leads to the innermost thing around it, to all of an array, to what a template brings', async () => {
    const opened = await harness.open(boxes, 'file:///work/cursor.pcie');
    const at = (cursor: number) =>
      shared.Operations.diagramNodesAt(
        { uri: opened.uri, name: 'm' },
        { uri: opened.uri, position: opened.at(cursor).position },
      );
    expect([0, 1, 2, 3, 4].map(at)).toEqual([['s.a.x'], ['s.b0', 's.b1'], ['s.c.sw'], [], ['s.c.sw.p.y']]);
    const elsewhere = { uri: 'file:///work/nowhere.pcie', position: opened.at(0).position };
    expect(shared.Operations.diagramNodesAt({ uri: opened.uri, name: 'm' }, elsewhere)).toEqual([]);
  });
});
