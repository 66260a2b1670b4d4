import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boxesOf } from '../../../client/views/address-map/layout.ts';
import { bytesOf, hostSpaces, type Span } from '../../../client/views/address-map/spaces.ts';
import { Answers } from './machines.ts';

const twin = `machine twin {
  socket cpu[0..1] {
    root-port rp[0..1] gen4 x16 {
      switch sw {
        link gen4 x16
        port p[0..1] gen4 x16 {
          gpu gpu[0..1] {
            link gen4 x16
            bar 0 16 MiB 32-bit
            bar 1 32 GiB 64-bit prefetchable
          }
        }
      }
    }
  }
}
`;

const flat = (span: Span): readonly Span[] => [span, ...span.children.flatMap(flat)];

test('each host bridge has the BARs below it, and no other', async () => {
  const answers = await new Answers().start();
  await answers.diagram('twin', twin);
  const hosts = hostSpaces(answers.enumerate('twin'));
  expect(hosts.map(({ name }) => name)).toEqual(['cpu0', 'cpu1']);
  for (const host of hosts) {
    const bars = [...host.below4GiB, ...host.above4GiB].flatMap(flat).filter(({ kind }) => kind === 'bar');
    expect(host.outside).toEqual([]);
    expect(bars).toHaveLength(8);
    for (const bar of bars) expect(bar.name.startsWith(`${host.name}.`), bar.name).toBe(true);
  }
});

/** Windows in windows: each takes a part of what is left of the one around it. */
const windows: fc.Arbitrary<Span> = fc
  .tuple(fc.integer({ min: 12, max: 44 }), fc.array(fc.tuple(fc.nat(3), fc.nat(4), fc.nat(3)), { maxLength: 6 }))
  .map(([bits, parts]) => {
    let id = 0;
    const make = (start: bigint, size: bigint, depth: number): Span => {
      const children: Span[] = [];
      let at = start;
      for (const [skip, shrink, more] of depth < 3 ? parts : []) {
        const bytes = size >> BigInt(2 + shrink);
        at += BigInt(skip) * (bytes >> 1n);
        if (bytes < 16n || at + bytes > start + size) break;
        children.push(make(at, bytes, depth + 1 + more));
        at += bytes;
      }
      id += 1;
      const kind = depth === 0 ? 'host' : children.length > 0 ? 'window' : 'bar';
      const words = { space: 'memory', name: 'x', what: 'window', bdf: null, stated: null } as const;
      return { id: String(id), kind, ...words, start, end: start + size - 1n, children };
    };
    return make(1n << BigInt(bits), 1n << BigInt(bits), 0);
  });

test.each(['even', 'linear'] as const)('boxes lie in the one around them and do not overlap: %s', (scale) => {
  fc.assert(
    fc.property(windows, (root) => {
      const boxes = boxesOf(root, scale);
      const bySpan = new Map(boxes.map((box) => [box.span, box]));
      const ends = new Map<Span, number>();
      for (const box of boxes) {
        if (box.parent === null) continue;
        const outer = bySpan.get(box.parent);
        if (outer === undefined) throw new Error(box.span.id);
        expect(box.left).toBeGreaterThanOrEqual((ends.get(box.parent) ?? outer.left) - 1e-9);
        expect(box.left + box.width).toBeLessThanOrEqual(outer.left + outer.width + 1e-9);
        ends.set(box.parent, box.left + box.width);
        if (scale === 'linear') {
          const offset = Number(box.span.start - root.start) / Number(bytesOf(root));
          expect(box.left).toBeCloseTo(offset, 6);
        }
      }
    }),
    { seed: 11, numRuns: 300 },
  );
});
