import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anchored, fitted, revealing, zoomed } from '../../../client/views/diagram/camera.ts';
import { Layouts } from '../../../client/views/diagram/layout/layout.ts';
import { treeOf, visibleOf } from '../../../client/views/diagram/layout/tree.ts';
import { matches } from '../../../client/views/diagram/search.ts';
import type { Diagram, DiagramNode } from '../../../server/diagram/diagram.types.ts';

type Kind = DiagramNode['kind'];

function node(name: string, kind: Kind, parent: string | null): DiagramNode {
  return {
    name,
    shortName: name,
    label: name.slice(name.lastIndexOf('.') + 1),
    kind,
    part: null,
    parent,
    group: null,
    numaNode: null,
    acs: null,
    facts: [],
    actions: { move: null, link: null, acs: null, takes: null },
  };
}

const diagram = (nodes: readonly DiagramNode[]): Diagram => ({
  uri: 'file:///m.pcie',
  version: 1,
  machine: 'm',
  machines: ['m'],
  nodes,
  links: [],
  connections: [],
  groups: [],
  load: null,
  findings: [],
  errors: 0,
});

/** Sockets with root ports; below each nothing, a device, or a switch with ports, some levels deep. */
type Below = readonly Below[] | 'device' | null;
const { below } = fc.letrec<{ below: Below }>((tie) => ({
  below: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    fc.constant(null),
    fc.constant('device' as const),
    fc.array(tie('below'), { minLength: 1, maxLength: 5 }),
  ),
}));
const machines = fc.array(fc.array(below, { maxLength: 9 }), { minLength: 1, maxLength: 4 }).map((sockets) => {
  const nodes: DiagramNode[] = [];
  const plug = (port: string, what: Below) => {
    if (what === null) return;
    if (what === 'device') {
      nodes.push(node(`${port}.gpu`, 'gpu', port));
      return;
    }
    nodes.push(node(`${port}.sw`, 'switch', port));
    for (const [index, inner] of what.entries()) {
      nodes.push(node(`${port}.sw.p${index}`, 'port', `${port}.sw`));
      plug(`${port}.sw.p${index}`, inner);
    }
  };
  for (const [index, ports] of sockets.entries()) {
    nodes.push(node(`s${index}`, 'socket', null));
    for (const [number, what] of ports.entries()) {
      nodes.push(node(`s${index}.rp${number}`, 'root-port', `s${index}`));
      plug(`s${index}.rp${number}`, what);
    }
  }
  return diagram(nodes);
});

const options = { seed: 7, numRuns: 150 } as const;

const layouts = await Layouts.load();

describe('the layout', () => {
  test('siblings are apart, children below their parents and within their sockets, wires straight between them', () => {
    fc.assert(
      fc.property(machines, fc.double({ min: 0.5, max: 3, noNaN: true }), (made, shape) => {
        const tree = treeOf(made);
        const { boxes, wires, width, height } = layouts.of(tree, new Set(), null, shape);
        expect(boxes.size).toBe(made.nodes.length);
        for (const { name, parent } of made.nodes) {
          const box = boxes.get(name);
          const above = parent === null ? undefined : boxes.get(parent);
          if (box === undefined) throw new Error(name);
          expect(box.x).toBeGreaterThanOrEqual(-0.01);
          expect(box.x + box.width).toBeLessThanOrEqual(width + 0.01);
          expect(box.y + box.height).toBeLessThanOrEqual(height + 0.01);
          if (above !== undefined) expect(box.y).toBeGreaterThan(above.y);
        }
        for (const siblings of [tree.roots, ...made.nodes.map((each) => tree.below(each.name))]) {
          for (const [index, a] of siblings.entries()) {
            for (const b of siblings.slice(index + 1)) {
              const [one, two] = [boxes.get(a.name), boxes.get(b.name)];
              if (one === undefined || two === undefined) throw new Error(a.name);
              const apart =
                one.x + one.width <= two.x ||
                two.x + two.width <= one.x ||
                one.y + one.height <= two.y ||
                two.y + two.height <= one.y;
              expect(apart, `${a.name} ${b.name}`).toBe(true);
            }
          }
        }
        for (const wire of wires) {
          expect(wire.to).toBeGreaterThan(wire.from);
          const end = boxes.get(wire.name);
          if (end === undefined) continue;
          expect(wire.to).toBeCloseTo(end.y);
          expect(wire.x).toBeGreaterThanOrEqual(end.x);
          expect(wire.x).toBeLessThanOrEqual(end.x + end.width);
        }
      }),
      options,
    );
  });

  test('what is folded away has no place, and its place stands for it', () => {
    fc.assert(
      fc.property(machines, (made) => {
        const tree = treeOf(made);
        const switches = new Set(made.nodes.filter((each) => each.kind === 'switch').map((each) => each.name));
        const { boxes } = layouts.of(tree, switches, null);
        for (const { name } of made.nodes) expect(boxes.has(visibleOf(tree, name, switches)), name).toBe(true);
        for (const name of switches) {
          const box = boxes.get(name);
          if (box !== undefined) expect(box.folded).toBeGreaterThan(0);
        }
      }),
      options,
    );
  });

  test('a device more at the end moves nothing of the rows before it', () => {
    fc.assert(
      fc.property(machines, (made) => {
        const before = layouts.of(treeOf(made), new Set(), null);
        const last = made.nodes.findLast((each) => each.kind === 'socket');
        if (last === undefined) return;
        const more = diagram([...made.nodes, node(`${last.name}.late`, 'root-port', last.name)]);
        const after = layouts.of(treeOf(more), new Set(), before);
        for (const [name, box] of before.boxes) {
          if (name.split('.')[0] === last.name || !sameRow(before.rowStarts, after.rowStarts)) continue;
          expect(after.boxes.get(name)?.x, name).toBeCloseTo(box.x);
        }
      }),
      options,
    );
  });

  test('what is gone while a line is half written finds everything where it was', () => {
    fc.assert(
      fc.property(machines, fc.nat(), (made, pick) => {
        const before = layouts.of(treeOf(made), new Set(), null);
        const ports = made.nodes.filter((each) => each.kind === 'root-port');
        const gone = ports[pick % Math.max(1, ports.length)];
        if (gone === undefined) return;
        const rest = made.nodes.filter(({ name }) => name !== gone.name && !name.startsWith(`${gone.name}.`));
        const between = layouts.of(treeOf(diagram(rest)), new Set(), before);
        const after = layouts.of(treeOf(made), new Set(), between);
        expect([...after.boxes.values()]).toEqual([...before.boxes.values()]);
      }),
      options,
    );
  });
});

describe('a layout that was used before', () => {
  test('answers as a new one does', async () => {
    const labels = fc.constantFrom('gpu', 'a device of a long name', 'x');
    const changes = fc.constantFrom('label', 'fold', 'unfold', 'remove');
    const steps = fc.array(fc.tuple(changes, fc.nat(), labels), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(machines, steps, async (made, edits) => {
        let tree = treeOf(made);
        let collapsed: ReadonlySet<string> = new Set();
        let layout = layouts.of(tree, collapsed, null);
        for (const [change, pick, label] of edits) {
          const { nodes } = tree.diagram;
          const changed = nodes[pick % nodes.length];
          if (changed === undefined) return;
          const inIt = (name: string) => name === changed.name || name.startsWith(`${changed.name}.`);
          if (change === 'fold') collapsed = new Set([...collapsed, changed.name]);
          if (change === 'unfold') collapsed = new Set();
          const next =
            change === 'remove'
              ? nodes.filter(({ name }) => !inIt(name))
              : nodes.map((each) => (each === changed && change === 'label' ? { ...each, label } : each));
          tree = treeOf({ ...tree.diagram, nodes: next }, tree);
          const fresh = await Layouts.load();
          const expected = fresh.of(tree, collapsed, layout);
          layout = layouts.of(tree, collapsed, layout);
          expect(layout).toEqual(expected);
        }
      }),
      { seed: 7, numRuns: 40 },
    );
  });

  test('keeps what stays where it was', () => {
    const nodes = ['a', 'b'].flatMap((name) => [
      node(`s.${name}`, 'root-port', 's'),
      node(`s.${name}.gpu`, 'gpu', `s.${name}`),
    ]);
    const tree = treeOf(diagram([node('s', 'socket', null), ...nodes]));
    const before = layouts.of(tree, new Set(), null);
    expect(layouts.of(treeOf(tree.diagram), new Set(), before)).toBe(before);
    const longer = tree.diagram.nodes.map((each) =>
      each.name === 's.b.gpu' ? { ...each, label: 'a name as long as can be' } : each,
    );
    const after = layouts.of(treeOf({ ...tree.diagram, nodes: longer }, tree), new Set(), before);
    expect(after.boxes.get('s.b.gpu')?.width).toBeGreaterThan(before.boxes.get('s.b.gpu')?.width ?? 0);
    expect(after.boxes.get('s.a.gpu')).toBe(before.boxes.get('s.a.gpu'));
  });
});

const sameRow = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size === b.size && [...a].every((name) => b.has(name));

describe('the camera', () => {
  const canvas = { width: 800, height: 600 };
  test('keeps the point under the pointer where it is', () => {
    const camera = { x: 30, y: -20, zoom: 0.7 };
    const at = { x: 200, y: 300 };
    const after = zoomed(camera, 1.6, at);
    expect((at.x - after.x) / after.zoom).toBeCloseTo((at.x - camera.x) / camera.zoom);
    expect((at.y - after.y) / after.zoom).toBeCloseTo((at.y - camera.y) / camera.zoom);
  });
  test('shows all of an area, or moves to it as little as needed', () => {
    const all = fitted({ x: -50, y: 10, width: 4000, height: 900 }, canvas);
    expect(all.x + all.zoom * -50).toBeGreaterThanOrEqual(0);
    expect(all.x + all.zoom * 3950).toBeLessThanOrEqual(canvas.width);
    const camera = { x: 0, y: 0, zoom: 1 };
    expect(revealing(camera, { x: 100, y: 100, width: 50, height: 20 }, canvas, 0)).toEqual(camera);
    expect(revealing(camera, { x: 900, y: 100, width: 50, height: 20 }, canvas, 0)).toEqual({ x: -180, y: 0, zoom: 1 });
  });
  test('follows what it is anchored to', () => {
    const camera = { x: 5, y: 5, zoom: 2 };
    const [from, to] = [
      { x: 10, y: 10, width: 40, height: 20 },
      { x: 100, y: 70, width: 40, height: 20 },
    ];
    const after = anchored(camera, from, to);
    expect(after.x + to.x * 2).toBe(camera.x + from.x * 2);
    expect(after.y + to.y * 2).toBe(camera.y + from.y * 2);
  });
});

describe('finding', () => {
  const nodes = [
    node('s', 'socket', null),
    { ...node('s.a.gpu0', 'gpu', null), part: 'a100-pcie-80gb', group: 4, numaNode: 1 },
    node('s.b.ssd0', 'nvme', null),
  ];
  test.each([
    ['gpu', ['s.a.gpu0']],
    ['nvme DRIVE', ['s.b.ssd0']],
    ['a100 80gb', ['s.a.gpu0']],
    ['group:4', ['s.a.gpu0']],
    ['nothing', []],
    ['  ', []],
  ] as const)('%s', (query, names) => {
    expect(matches(nodes, query).map((each) => each.name)).toEqual(names);
  });
});
