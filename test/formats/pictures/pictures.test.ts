import { spawnSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeDot } from '../../../formats/dot/write.ts';
import { writeJson } from '../../../formats/json/write.ts';
import { writeMermaid } from '../../../formats/mermaid/write.ts';
import { shortNames } from '../../../formats/short-names.ts';
import { writeSvg } from '../../../formats/svg/write.ts';
import { readXml, type XmlElement } from '../../../formats/xml/read.ts';
import type { Machine } from '../../../model/machine.ts';
import { type Sketch, sketchMachine } from '../../model/draft.ts';
import { randomMachine } from '../../model/space/random-machine.ts';
import { exampleFiles, machinesOf } from '../examples.ts';

const gpu: Sketch = {
  kind: 'gpu',
  label: 'gpu0',
  settings: { generation: 4, lanes: 16, trainedGeneration: 3, trainedLanes: 8 },
};
const odd = sketchMachine([
  {
    kind: 'socket',
    label: 'cpu0',
    children: [{ kind: 'root-port', label: 'rp0', settings: { generation: 4, lanes: 16 }, children: [gpu] }],
  },
]);
const withOddNames: Machine = {
  ...odd,
  name: `<"quoted" & \\ 'odd' #1>`,
  components: odd.components.map((one) => (one.kind === 'gpu' ? { ...one, parts: [`a"b<c>&#x`] } : one)),
};

describe('Graphviz', () => {
  it.each(exampleFiles)('%s: a node for every component, an edge for every parent and connection', async (file) => {
    for (const machine of await machinesOf(file)) {
      const { text } = writeDot(machine);
      const edges = machine.components.filter((one) => one.parent !== null).length + machine.connections.length;
      expect(text.match(/ -> /g) ?? []).toHaveLength(edges);
      expect(text.match(/^ *"[^"]+" \[label=/gm) ?? []).toHaveLength(machine.components.length);
      expect(text.match(/\{$/gm)?.length).toBe(text.match(/^ *\}$/gm)?.length);
    }
  });
  it('says what a link runs at, and what it could', () => {
    expect(writeDot(odd).text).toContain('"cpu0.rp0" -> "cpu0.rp0.gpu0" [label="Gen3 x8 of Gen4 x16", color=');
  });
  const hasDot = spawnSync('dot', ['-V']).status === 0;
  it.skipIf(!hasDot)(
    'is taken by the real dot, odd names included (skipped where Graphviz is not installed)',
    async () => {
      for (const machine of [withOddNames, ...(await machinesOf('dgx-a100.pcie'))]) {
        const drawn = spawnSync('dot', ['-Tjson'], { input: writeDot(machine).text, encoding: 'utf8' });
        expect(drawn.stderr).toBe('');
        const graph = JSON.parse(drawn.stdout) as { objects: { name: string; nodes?: unknown }[] };
        const nodes = graph.objects.filter((one) => !one.name.startsWith('cluster')).map((one) => one.name);
        expect(nodes.sort()).toEqual(machine.components.map((one) => one.name).sort());
      }
    },
  );
});

describe('Mermaid', () => {
  it.each(exampleFiles)('%s: a node for every component, a line for every parent and connection', async (file) => {
    for (const machine of await machinesOf(file)) {
      const { text } = writeMermaid(machine);
      const lines = text.split('\n');
      expect(lines[0]).toBe('flowchart TD');
      expect(lines.filter((line) => /^ *c\d+\("/.test(line))).toHaveLength(machine.components.length);
      expect(lines.filter((line) => / ---/.test(line))).toHaveLength(
        machine.components.filter((one) => one.parent !== null).length,
      );
      expect(lines.filter((line) => / -\.-/.test(line))).toHaveLength(machine.connections.length);
      expect(lines.filter((line) => /^ *subgraph/.test(line))).toHaveLength(
        lines.filter((line) => /^ *end$/.test(line)).length,
      );
    }
  });
  it('holds quotes and signs as entities', () => {
    expect(writeMermaid(withOddNames).text).toContain('a#quot;b<c>&#35;x');
  });
});

describe('SVG', () => {
  const named = (element: XmlElement, name: string): XmlElement[] => [
    ...(element.name === name ? [element] : []),
    ...element.children.flatMap((child) => named(child, name)),
  ];
  const numberOf = (element: XmlElement, name: string) => Number(element.attributes.get(name));
  const expectSound = (machine: Machine) => {
    const root = readXml(writeSvg(machine).text);
    const boxes = named(root, 'g').map((group) => named(group, 'rect')[0]);
    expect(boxes).toHaveLength(machine.components.length);
    const [width, height] = [numberOf(root, 'width'), numberOf(root, 'height')];
    const places = boxes.flatMap((box) => {
      if (box === undefined) return [];
      const [x, y, w, h] = [numberOf(box, 'x'), numberOf(box, 'y'), numberOf(box, 'width'), numberOf(box, 'height')];
      expect(x >= 0 && y >= 0 && x + w <= width && y + h <= height).toBe(true);
      return [{ x, y, w, h }];
    });
    for (const [at, a] of places.entries()) {
      for (const b of places.slice(at + 1)) {
        expect(a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y).toBe(true);
      }
    }
  };
  it.each(exampleFiles)('%s: a box for every component, none over another, all inside', async (file) => {
    for (const machine of await machinesOf(file)) expectSound(machine);
  });
  it('any machine: the same', () => {
    fc.assert(fc.property(randomMachine, expectSound), { numRuns: 40, seed: 3 });
  });
  it('follows light and dark, loads nothing, and says what it shows', () => {
    const { text } = writeSvg(withOddNames);
    expect(text).toContain('@media (prefers-color-scheme: dark)');
    expect(text.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|url\(|<script|<image|@import/);
    const root = readXml(text);
    expect(root.children[0]).toMatchObject({ name: 'title', text: withOddNames.name });
    expect(named(root, 'text').map((one) => one.text)).toContain('Gen3 x8 of Gen4 x16');
  });
});

describe('JSON', () => {
  it.each(exampleFiles)('%s: every component, link and connection by name', async (file) => {
    for (const machine of await machinesOf(file)) {
      const read = JSON.parse(writeJson(machine).text) as {
        format: string;
        version: number;
        components: { name: string; parent: string | null }[];
        links: { port: string; device: string | null; trained: object; rawBytesPerSecond: number }[];
        connections: { from: string; to: string }[];
      };
      expect([read.format, read.version]).toEqual(['pcie-topology-machine', 1]);
      expect(read.components.map((one) => one.name)).toEqual(machine.components.map((one) => one.name));
      const known = new Set(read.components.map((one) => one.name));
      const ends = [
        ...read.components.map((one) => one.parent),
        ...read.links.flatMap((one) => [one.port, one.device]),
        ...read.connections.flatMap((one) => [one.from, one.to]),
      ];
      for (const end of ends) if (end !== null) expect(known).toContain(end);
      expect(read.links.map((one) => one.trained)).toEqual(machine.links.map((one) => one.trained));
    }
  });
  it('writes addresses hexadecimal', () => {
    const [socket, ...others] = odd.components;
    if (socket === undefined) throw new Error('no socket');
    const apertures = [{ kind: 'memory' as const, start: 0x80000000n, end: 0xffffffffn, origin: odd.origin }];
    const machine = { ...odd, components: [{ ...socket, apertures: apertures as never }, ...others] };
    expect(writeJson(machine).text).toContain('"start": "0x80000000"');
  });
});

describe('short names', () => {
  it.each(exampleFiles)('%s: differ, and are ends of the names', async (file) => {
    for (const machine of await machinesOf(file)) {
      const names = shortNames(machine);
      expect(new Set(names.values()).size).toBe(new Set(machine.components.map((one) => one.name)).size);
      for (const { id, name } of machine.components) expect(`.${name}`.endsWith(`.${names.get(id)}`)).toBe(true);
    }
  });
});
