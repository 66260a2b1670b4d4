import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { PartIndex } from '../../formats/observed/parts.ts';
import { printMachine } from '../../language/print.ts';
import type { Context } from '../../language/schema/property.ts';
import { areas } from '../../language/schema/schema.ts';
import { catalogueParts, plain, readText } from '../formats/harness.ts';

let parts: PartIndex = [];
beforeAll(async () => {
  parts = await catalogueParts();
});

/** The machine of a text is the machine of its printed text, which stands in the formatter's form. */
async function expectSame(text: string): Promise<string> {
  const { machine } = await readText(text);
  if (machine === undefined) throw new Error('the text has no machine');
  let printed = '';
  for (const index of [[], parts]) {
    printed = printMachine(machine, { parts: index });
    const again = await readText(printed);
    if (again.machine === undefined) throw new Error(`the printed text has no machine:\n${printed}`);
    // What an override adds stands behind all others in the model, and where it belongs in the text.
    const isInOrder = !/^\s*override .*\{ *[a-z-]+ [\w-]+ *\}/m.test(text);
    if (isInOrder) expect(plain(again.machine)).toEqual(plain(machine));
    else expect(printMachine(again.machine, { parts: index })).toBe(printed);
    expect(again.formatted).toBe(printed);
  }
  return printed;
}

const root = resolve(import.meta.dirname, '../..');
const blocksOf = (path: string): string[] =>
  [...readFileSync(resolve(root, path), 'utf8').matchAll(/```pcie\n([\s\S]*?)```/g)].map((found) => found[1] ?? '');
const files = (folder: string): string[] => readdirSync(resolve(root, folder), { recursive: true }).map(String);

describe('what is printed reads as it was', () => {
  const texts = [
    ...files('examples')
      .filter((name) => name.endsWith('.pcie'))
      .map((name) => [name, readFileSync(resolve(root, 'examples', name), 'utf8')] as const),
    ...blocksOf('docs/language.md').map((text, at) => [`docs/language.md, block ${at + 1}`, text] as const),
    ...files('docs/rules')
      .filter((name) => name.endsWith('.md'))
      .flatMap((name) => blocksOf(`docs/rules/${name}`).map((text, at) => [`${name}, block ${at + 1}`, text] as const)),
  ].filter(([name, text]) => /^machine /m.test(text) && !/inheritance-cycle|names\/|too-large|too-deep/.test(name));
  test.each(texts)('%s', async (_name, text) => {
    await expectSame(text);
  });
});

test.each([
  ['forced x8', 'gen5 x8'],
  ['forced gen3', 'gen3 x16'],
  ['forced gen3 x8', 'gen3 x8'],
  ['trained x4', 'gen5 x4'],
  ['trained gen1 x4 idle', 'gen5 x4'],
])('a link that is %s runs at %s', async (line, runs) => {
  const text = `machine m {\n  socket cpu0 {\n    root-port rp0 gen5 x16 {\n      ${line}\n      gpu g { link gen5 x16 }\n    }\n  }\n}\n`;
  expect(await expectSame(text)).toContain(line);
  const { machine } = await readText(text);
  expect(machine?.links.map(({ trained }) => `gen${trained.generation} x${trained.lanes}`)).toEqual([runs]);
});

/** A machine with one property in the place where it may stand. */
function around(context: Context, line: string): string | null {
  const inSocket = (inside: string) => `machine m {\nsocket cpu0 {\n${inside}\n}\n}`;
  const inPort = (inside: string) => inSocket(`root-port rp0 gen4 x16 {\n${inside}\n}`);
  switch (context) {
    case 'socket':
      return inSocket(line);
    case 'chipset':
      return inSocket(`chipset pch {\n${line}\n}`);
    case 'root-port':
      return inPort(line);
    case 'switch':
      return inPort(`switch sw0 {\n${line}\nport p0\n}`);
    case 'port':
      return inPort(`switch sw0 {\nport p0 {\n${line}\n}\n}`);
    case 'bridge':
      return inPort(`bridge br0 {\n${line}\n}`);
    case 'gpu':
    case 'nvme':
    case 'nic':
    case 'fpga':
    case 'sata':
    case 'nvswitch':
    case 'device':
      return inPort(`${context} it0 {\n${line}\n}`);
    case 'firmware':
    case 'linux':
      return `machine m {\n${context} {\n${line}\n}\nsocket cpu0\n}`;
    case 'sriov':
    case 'function':
      return inPort(`nic it0 {\n${context} ${context === 'function' ? '1 x ' : ''}{\n${line}\n}\n}`);
    case 'namespace':
      return inPort(`nvme it0 {\nnamespace ns0 {\n${line}\n}\n}`);
    case 'mig':
      return inPort(`gpu it0 {\nmig mig0 {\n${line}\n}\n}`);
    case 'interconnect':
      return `machine m {\nsocket cpu[0..1]\nconnect cpu0 to cpu1 {\n${line}\n}\n}`;
    default:
      return null;
  }
}

describe('every property of the language can be printed', () => {
  const rows = areas.flatMap(({ properties }) =>
    properties.flatMap((schema) =>
      schema.on.flatMap((context) => {
        const text = around(context, schema.example);
        return text === null ? [] : [[schema.name, context, text] as const];
      }),
    ),
  );
  test.each(rows)('%s in %s', async (_name, _context, text) => {
    await expectSame(text);
  });
});

describe('as a person would write it', () => {
  const printed = async (text: string) => {
    const { machine } = await readText(text);
    return machine === undefined ? '' : printMachine(machine, { parts });
  };
  test('arrays and dealt ranges come back', async () => {
    const text = `machine m {
  socket cpu[0..1] {
    root-port rp[0..1] gen5 x16 {
      switch sw[0..3] : pex89104 {
        port p[0..3] gen4 x16 { gpu gpu[0..15] : a100-pcie-80gb }
        port p4 gen4 x4 { nvme ssd[0..3] : pm9a3 }
      }
    }
  }
}
`;
    expect(await printed(text)).toBe(text);
  });
  test('numbers that differ from element to element are dealt out', async () => {
    const printed = await expectSame(
      `machine m {
  socket cpu0 {
    numa 0
    root-port rp0 gen4 x16 {
      bus-range 0x10..0x14
      switch sw0 { port p[0..1] gen4 x4 { bus-range 0x12, 0x13 nvme ssd[0..1] } }
    }
    root-port rp1 gen4 x16 {
      bus-range 0x20..0x2f
      switch sw1 { port p[0..1] gen4 x4 { bus-range 0x25, 0x28 nvme ssd[2..3] } }
    }
  }
  socket cpu1 { numa 1 }
}`.replaceAll(/(0x1[23], 0x13|0x25, 0x28) /g, '$1\n'),
    );
    expect(printed).toContain('bus-range 0x10..0x14, 0x20..0x2f\n');
    expect(printed).toContain('bus-range 0x12, 0x13, 0x25, 0x28\n');
    expect(printed).toContain('nvme ssd[0..3]');
  });

  test('values for fewer or more copies than there are', async () => {
    const errorsOf = async (line: string, ports: string) => {
      const text = `machine m {\nsocket cpu[0..1] {\nroot-port ${ports} gen4 x4 {\n${line}\n}\n}\n}`;
      return (await readText(text)).errors;
    };
    expect(await errorsOf('device-number 1, 3, 1, 3', 'rp[0..1]')).toEqual([]);
    expect(await errorsOf('device-number 1, 3', 'rp[0..1]')).toEqual([]);
    expect(await errorsOf('retimers 1, 0, 2', 'rp[0..1]')).toEqual([
      expect.stringMatching(/^4: structure\/range-mismatch: .* 2 or 4, not 3\.$/),
    ]);
    expect(await errorsOf('hotplug on, gen4', 'rp[0..1]')).toEqual([expect.stringMatching(/^4: language\/bad-value/)]);
    const part = await readText('part nvme p {\nnuma 0, 1\n}\nmachine m {\n}');
    expect(part.errors).toEqual([expect.stringMatching(/structure\/range-mismatch: .*stands in none/)]);
  });

  test('what several devices say alike becomes a part', async () => {
    const device = (name: string) => `nic ${name} : connectx-6 {\nsubsystem 15b3:0007\nmps 512 B\nmrrs 4 KiB\n}`;
    const text = await printed(
      `machine m { socket cpu0 {\nroot-port rp0 { ${device('a')} }\nroot-port rp1 gen4 x8 { ${device('b')} }\n} }`,
    );
    expect(text).toContain(
      'part nic this-connectx-6 : connectx-6 {\n  subsystem 15b3:0007\n  mps 512 B\n  mrrs 4 KiB\n}',
    );
    expect(text).toContain('root-port rp0 { nic a : this-connectx-6 }');
  });
  test('all-to-all connections take one line', async () => {
    const ports = [0, 1, 2, 3].map((n) => `root-port rp${n} gen4 x16 { gpu gpu${n} }`).join('\n');
    const text = await printed(
      `machine m { socket cpu0 {\n${ports}\n}\nconnect gpu[0..3] to gpu[0..3] {\ntechnology nvlink\nlinks 4\n} }`,
    );
    expect(text).toContain('connect gpu[0..3] to gpu[0..3] {');
  });
  test('a comment says what is unknown', async () => {
    expect(await printed('machine m { socket cpu0 { root-port rp0 { gpu gpu0 } } }')).toContain(
      '// Unknown: what 2 of 2 ends of links can do.',
    );
  });
});

describe('machines of any shape', () => {
  const label = fc.constantFrom('gpu', 'x', 'dev');
  const device = fc.record({
    label,
    number: fc.integer({ min: 0, max: 3 }),
    link: fc.constantFrom('', ' gen4 x16', ' gen3 x8'),
  });
  const port = fc.record({ link: fc.constantFrom('', ' gen4 x16'), device: fc.option(device) });
  const socket = fc.array(
    fc.record({ link: fc.constantFrom(' gen5 x16', ''), ports: fc.option(fc.array(port, { maxLength: 5 })), device }),
    {
      maxLength: 5,
    },
  );
  test('folding loses and invents nothing', async () => {
    const machines = fc.array(socket, { minLength: 1, maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(machines, fc.integer({ min: 0, max: 2 }), async (sockets, start) => {
        let next = start;
        const deviceText = (one: { label: string; number: number; link: string }) =>
          `gpu ${one.label}${one.number === 3 ? '' : one.number === 2 ? `${one.number}` : `-${next++}`}${one.link}`;
        const text = sockets.map((ports, at) => {
          const inside = ports.map((one, index) => {
            const below =
              one.ports === null
                ? deviceText(one.device)
                : `switch sw${next++} {\n${one.ports
                    .map(
                      (inner, n) =>
                        `port p${n}${inner.link} {\n${inner.device === null ? '' : deviceText(inner.device)}\n}`,
                    )
                    .join('\n')}\n}`;
            return `root-port rp${index}${one.link} {\n${below}\n}`;
          });
          return `socket cpu${at + start} {\n${inside.join('\n')}\n}`;
        });
        await expectSame(`machine m {\n${text.join('\n')}\n}`);
      }),
      { seed: 20, numRuns: 60 },
    );
  });
});
