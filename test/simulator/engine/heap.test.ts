import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Heap, HeapNode } from '../../../simulator/engine/heap.ts';

it('gives its nodes in the order of their keys, whatever was moved and removed before', () => {
  const action = fc.record({
    node: fc.integer({ min: 0, max: 9 }),
    key: fc.option(fc.integer({ min: 0, max: 5 }), { nil: null }),
  });
  fc.assert(
    fc.property(fc.array(action, { maxLength: 60 }), (actions) => {
      const heap = new Heap<number>();
      const nodes = Array.from({ length: 10 }, (_, index) => new HeapNode(index, index));
      const keys = new Map<number, number>();
      for (const { node, key } of actions) {
        const one = nodes[node];
        if (one === undefined) continue;
        if (key === null) {
          heap.remove(one);
          keys.delete(node);
        } else {
          heap.set(one, key);
          keys.set(node, key);
        }
        expect(heap.size).toBe(keys.size);
      }
      const wanted = [...keys].sort(([a, first], [b, second]) => first - second || a - b).map(([node]) => node);
      const got: number[] = [];
      for (let node = heap.pop(); node !== undefined; node = heap.pop()) got.push(node.value);
      expect(got).toEqual(wanted);
    }),
  );
});
