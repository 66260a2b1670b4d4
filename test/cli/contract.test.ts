import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderWith, pcie } from './pcie.ts';
import { differences, type Shape } from './shape.ts';

const server = `machine server {
  linux { iommu passthrough }
  socket cpu0 {
    numa 0
    memory 384 GiB at 200 GB/s
    root-port rp0 gen4 x16 {
      switch sw0 {
        link gen4 x16
        port p[0..1] gen4 x16 { gpu gpu[0..1] : a100-pcie-80gb }
        port p2 gen4 x4 { nvme ssd0 : pm9a3 }
      }
    }
    root-port rp1 gen4 x16 { nic nic0 : connectx-6 }
  }
}
transfer load from ssd0 to gpu0 {
  size 1 GiB
  expect bandwidth > 1 GB/s
}
scenario both {
  transfer a from gpu0 to gpu1 { size 1 GiB }
  transfer b from gpu1 to gpu0 { size 1 GiB }
}
`;
const folder = folderWith({
  'server.pcie': server,
  'wrong.pcie': 'machine m {\n  socket c { root-port r gen9 x3 { gpu g } }\n  nonsense\n}\n',
  'fails.pcie': server.replace('> 1 GB/s', '> 1 TB/s'),
  'slip.pcie': server.replace('expect bandwidth >', 'expect bandwith >'),
  'empty.pcie': '',
  'sheet.csv': '\ufeffstart_s,from,to,bytes\r\n0,gpu0,gpu1,1000000\r\n',
  'wrong.csv': 'start_s,from,to,bytes\n0,gpu9,gpu1,1\nx,gpu0,gpu1,1\n',
  'bytes.pcie': Buffer.from([0x6d, 0xff, 0xfe, 0x00]),
  'syntax.pcie': 'machine m {\n  socket   c ? {\n',
  'replay.csv': 'start_s,from,to,bytes\n0,gpu0,gpu1,1000000\n0.001,gpu1,cpu0.memory,2e6\n',
});

const position: Shape = { line: 'integer', character: 'integer' };
const range: Shape = { start: position, end: position };
const shapes: Readonly<Record<string, readonly [args: readonly string[], shape: Shape]>> = {
  check: [
    ['check', 'server.pcie', 'wrong.pcie', '--json'],
    {
      files: [
        {
          path: 'string',
          diagnostics: [
            {
              code: 'string',
              severity: "'error'|'warning'|'information'|'hint'",
              message: 'string',
              range,
              subjects: ['string'],
              related: [{ path: 'string', range, message: 'string' }],
              fixes: ['string'],
              'cost?': {
                what: 'string',
                before: 'number',
                after: 'number',
                unit: "'bytesPerSecond'|'seconds'",
              },
              help: 'string',
            },
          ],
        },
      ],
      errors: 'integer',
      warnings: 'integer',
    },
  ],
  show: [
    ['show', 'server.pcie', '--json'],
    {
      machine: 'string',
      nodes: [
        {
          name: 'string',
          kind: 'string',
          part: 'string|null',
          parent: 'string|null',
          numaNode: 'integer|null',
          link: 'any',
          acs: 'any',
          group: 'integer|null',
        },
      ],
    },
  ],
  path: [
    ['path', 'server.pcie', 'gpu0', 'gpu1', '--json'],
    {
      from: 'string',
      to: 'string',
      class: "'LOC'|'NV'|'PIX'|'PXB'|'PHB'|'NODE'|'SYS'",
      route: "'direct'|'host-bridge'|'host-memory'|'none'",
      mapping: "'bus-address'|'through-host-bridge'|'not-supported'|'not-peer'",
      distance: 'integer',
      reasons: [{ code: 'string', message: 'string', at: 'string|null' }],
      hops: [
        {
          name: 'string',
          kind: "'link'|'port'|'switch'|'root-complex'|'interconnect'|'memory'",
          bytesPerSecond: 'number',
          seconds: 'number',
        },
      ],
      bottleneck: 'string',
      bytesPerSecond: 'number',
      latencySeconds: 'number',
    },
  ],
  link: [
    ['link', '--gen', '3', '--lanes', '8', '--json'],
    {
      rawBytesPerSecond: 'number',
      writeBytesPerSecond: 'number',
      readBytesPerSecond: 'number',
      readWriteBytesPerSecond: 'number',
    },
  ],
  matrix: [
    ['matrix', 'server.pcie', '--json'],
    {
      devices: ['string'],
      class: [['string']],
      bytesPerSecond: [['number']],
      latencySeconds: [['number']],
      route: [['string']],
      mapping: [['string']],
      distance: [['integer|null']],
    },
  ],
  enumerate: [
    ['enumerate', 'server.pcie', '--steps', '--json'],
    {
      devices: [
        {
          name: 'string',
          bdf: 'bdf',
          parent: 'bdf|null',
          vendor: 'hex|null',
          device: 'hex|null',
          class: 'hex|null',
          bus: 'any',
          bars: [
            {
              index: 'integer',
              kind: "'memory32'|'memory64'|'io'|'rom'",
              prefetchable: 'boolean',
              bytes: 'integer',
              address: 'hex|null',
            },
          ],
          windows: 'any',
        },
      ],
      unassigned: [{ bdf: 'bdf', bar: 'integer', bytes: 'integer', reason: 'string' }],
      steps: [
        {
          cycle: "'config-read'|'config-write'",
          bdf: 'bdf',
          register: 'string',
          value: 'string',
          because: 'string',
        },
      ],
    },
  ],
  groups: [
    ['groups', 'server.pcie', '--json'],
    { groups: [{ id: 'integer', devices: [{ bdf: 'bdf', name: 'string' }] }] },
  ],
  simulate: [
    ['simulate', 'server.pcie', '--json'],
    {
      seed: 'integer',
      fidelity: "'flow'",
      runs: [
        {
          name: 'string',
          makespanSeconds: 'number',
          transfers: [
            {
              name: 'string',
              from: 'string',
              to: 'string',
              bytes: 'number',
              startSeconds: 'number',
              endSeconds: 'number',
              bytesPerSecond: 'number',
              firstByteSeconds: 'number',
              route: 'string',
              bottleneck: 'string',
              reasons: ['any'],
            },
          ],
          links: [
            {
              name: 'string',
              direction: "'up'|'down'",
              payloadBytes: 'number',
              wireBytes: 'number',
              utilisation: 'number',
            },
          ],
          expectations: [{ text: 'string', actual: 'any', passed: 'boolean', range }],
        },
      ],
    },
  ],
};

describe('the JSON of a command', () => {
  for (const [name, [args, shape]] of Object.entries(shapes)) {
    it(name, async () => {
      const { stdout, stderr, code } = await pcie(folder, ...args);
      expect(differences(JSON.parse(stdout), shape)).toEqual([]);
      expect(code).toBe(name === 'check' ? 1 : 0);
      expect(stderr).toBe('');
    });
  }

  it('names nodes, links and groups by the names of the text', async () => {
    const json = JSON.parse((await pcie(folder, 'show', 'server.pcie', '--json')).stdout) as {
      nodes: { name: string; parent: string | null; link: unknown; kind: string }[];
    };
    const gpu = json.nodes.find((node) => node.name === 'cpu0.rp0.sw0.p0.gpu0');
    expect(gpu).toMatchObject({
      kind: 'gpu',
      part: 'a100-pcie-80gb',
      parent: 'cpu0.rp0.sw0.p0',
      link: { generation: 4, lanes: 16, capable: { generation: 4, lanes: 16 }, limitedBy: null },
    });
  });

  it('calls self X in the matrix, and pairs by their class', async () => {
    const json = JSON.parse((await pcie(folder, 'matrix', 'server.pcie', '--json')).stdout) as {
      devices: string[];
      class: string[][];
    };
    expect(json.devices.length).toBe(json.class.length);
    for (const [index, row] of json.class.entries()) expect(row[index]).toBe('X');
    const at = (label: string) => json.devices.findIndex((name) => name.endsWith(label));
    expect(json.class[at('gpu0')]?.[at('gpu1')]).toBe('PIX');
    expect(json.class[at('gpu0')]?.[at('nic0')]).toBe('PHB');
  });

  it('every top-level transfer is a run of its own', async () => {
    const json = JSON.parse((await pcie(folder, 'simulate', 'server.pcie', '--json')).stdout) as {
      runs: { name: string; transfers: { name: string }[] }[];
    };
    expect(json.runs.map((one) => [one.name, one.transfers.length])).toEqual([
      ['load', 1],
      ['both', 2],
    ]);
  });

  it('a replay is one run of all its rows', async () => {
    const { stdout } = await pcie(folder, 'simulate', 'server.pcie', '--transfers', 'replay.csv', '--json');
    const json = JSON.parse(stdout) as { runs: { transfers: { bytes: number; startSeconds: number }[] }[] };
    expect(json.runs).toHaveLength(1);
    expect(json.runs[0]?.transfers.map(({ bytes, startSeconds }) => [bytes, startSeconds])).toEqual([
      [1e6, 0],
      [2e6, 0.001],
    ]);
  });

  it('a trace is JSON that Perfetto opens', async () => {
    await pcie(folder, 'simulate', 'server.pcie', '--trace', 'out.json');
    const trace = JSON.parse(readFileSync(join(folder, 'out.json'), 'utf8')) as { traceEvents: unknown[] };
    expect(trace.traceEvents.length).toBeGreaterThan(3);
  });
});

it('the version is that of the manifest', async () => {
  const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  };
  expect((await pcie(folder, '--version')).stdout.trim()).toBe(manifest.version);
});

describe('exit codes', () => {
  const cases: readonly (readonly [code: number, ...args: string[]])[] = [
    [0, 'check', 'server.pcie'],
    [1, 'check', 'wrong.pcie'],
    [1, 'simulate', 'fails.pcie'],
    [0, 'simulate', 'fails.pcie', 'both'],
    [0, 'simulate', 'server.pcie', '--transfers', 'sheet.csv'],
    [1, 'simulate', 'slip.pcie'],
    [1, 'simulate', 'slip.pcie', 'load'],
    [0, 'simulate', 'slip.pcie', 'both'],
    [2, 'show', 'empty.pcie'],
    [2, 'check', 'bytes.pcie'],
    [2, 'format', 'bytes.pcie'],
    [2, 'format', 'syntax.pcie'],
    [2, 'check', 'server.pcie', '--max-warnings', '-1'],
    [2, 'check', 'absent.pcie'],
    [2, 'check', '.'],
    [2, 'check'],
    [2, 'nonsense'],
    [2, 'check', 'server.pcie', '--format', 'yaml'],
    [2, 'path', 'server.pcie', 'gpu0', 'gpu9'],
    [2, 'simulate', 'server.pcie', 'nothing'],
    [2, 'simulate', 'server.pcie', '--fidelity', 'perfect'],
    [2, 'simulate', 'server.pcie', '--seed', 'x'],
    [2, 'simulate', 'server.pcie', '--transfers', 'absent.csv'],
    [2, 'enumerate', 'server.pcie', '--firmware', 'bios'],
    [2, 'link', '--gen', '9', '--lanes', '8'],
    [2, 'link', '--gen', '3', '--lanes', '3'],
    [2, 'show', 'server.pcie', '--machine', 'other'],
    [0, '--help'],
    ...['check', 'show', 'path', 'matrix', 'link', 'enumerate', 'groups', 'simulate', 'format', 'lsp'].map(
      (command) => [0, command, '--help'] as const,
    ),
    ...['bash', 'zsh', 'fish'].map((shell) => [0, 'completion', shell] as const),
  ];
  for (const [code, ...args] of cases) {
    it(`${code} for pcie ${args.join(' ')}`, async () => {
      const outcome = await pcie(folder, ...args);
      expect(outcome.code, outcome.stderr).toBe(code);
      if (code === 2) {
        expect(outcome.stderr).not.toBe('');
        expect(outcome.stderr).not.toMatch(/defect|at .*\.ts/);
      }
    });
  }
});

describe('groups and enumerate', () => {
  it('have the virtual functions that are on, also where nothing says at which addresses', async () => {
    const text = (sriov: string) => `machine m {
  linux { iommu translate }
  socket cpu0 { root-port rp0 gen4 x16 { nic nic0 { sriov {
    total-vfs 8
    enabled-vfs 2
    ${sriov}
  } } } }
}
`;
    const files = folderWith({ 'a.pcie': text(''), 'b.pcie': text('vf-offset 4\n vf-stride 2') });
    const bdfs = async (file: string) => {
      const { groups } = JSON.parse((await pcie(files, 'groups', file, '--json')).stdout) as {
        groups: { devices: { bdf: string; name: string }[] }[];
      };
      const virtual = groups.flatMap(({ devices }) => devices).filter(({ name }) => /vf\d$/.test(name));
      return virtual.map(({ bdf }) => bdf);
    };
    expect(await bdfs('a.pcie')).toEqual(['0000:01:00.1', '0000:01:00.2']);
    expect(await bdfs('b.pcie')).toEqual(['0000:01:00.4', '0000:01:00.6']);
    expect((await pcie(files, 'enumerate', 'a.pcie')).stdout).toContain('one behind the other assumed');
    expect((await pcie(files, 'enumerate', 'b.pcie')).stdout).not.toContain('one behind the other assumed');
  });
});

describe('every command prints for programs', () => {
  it('what was imported, exported and formatted', async () => {
    const json = async (...args: readonly string[]) => JSON.parse((await pcie(folder, ...args)).stdout) as unknown;
    const text = { machine: 'string', text: 'string' } as const;
    const exported = await json('export', 'hwloc', 'server.pcie', '--json');
    expect(differences(exported, { ...text, format: "'hwloc'", notes: ['string'] })).toEqual([]);
    const files = folderWith({ 'm.xml': (exported as { text: string }).text });
    const imported: unknown = JSON.parse((await pcie(files, 'import', 'hwloc', 'm.xml', '--json')).stdout);
    const note = { path: 'string', line: 'integer|null', subject: 'string|null', message: 'string' } as const;
    expect(differences(imported, { ...text, notes: [note] })).toEqual([]);
    const formatted = await json('format', '--check', '--json', 'server.pcie', 'empty.pcie');
    expect(differences(formatted, { files: [{ path: 'string', changed: 'boolean' }] })).toEqual([]);
  });
});

describe('errors', () => {
  it('stand on standard error with their place', async () => {
    const line = /^[\w.]+:\d+:\d+: error: .+ \([a-z-]+\/[a-z-]+\)$/m;
    for (const [command, file, ...more] of [
      ['show', 'empty.pcie'],
      ['show', 'absent.pcie'],
      ['check', 'bytes.pcie'],
      ['format', 'syntax.pcie'],
      ['simulate', 'server.pcie', '--transfers', 'wrong.csv'],
    ] as const) {
      const { stdout, stderr } = await pcie(folder, command, file, ...more);
      expect(stderr).toMatch(line);
      expect(stdout).toBe('');
    }
  });

  it('of syntax keep the formatter from a file', async () => {
    await pcie(folder, 'format', 'syntax.pcie', 'bytes.pcie');
    expect(readFileSync(join(folder, 'syntax.pcie'), 'utf8')).toContain('socket   c ? {');
    expect(readFileSync(join(folder, 'bytes.pcie'))).toHaveLength(4);
  });
});

describe('check', () => {
  it('fails on more warnings than allowed', async () => {
    const { stdout } = await pcie(folder, 'check', 'server.pcie', '--json');
    const { warnings } = JSON.parse(stdout) as { warnings: number };
    expect(warnings).toBeGreaterThan(0);
    expect((await pcie(folder, 'check', 'server.pcie', '--max-warnings', String(warnings))).code).toBe(0);
    expect((await pcie(folder, 'check', 'server.pcie', '--max-warnings', String(warnings - 1))).code).toBe(1);
  });

  it('writes SARIF 2.1.0 and commands of GitHub Actions', async () => {
    const sarif = JSON.parse((await pcie(folder, 'check', 'wrong.pcie', '--format', 'sarif')).stdout) as {
      version: string;
      runs: { results: { ruleId: string; locations: unknown[] }[] }[];
    };
    expect(sarif.version).toBe('2.1.0');
    expect(sarif.runs[0]?.results.map((one) => one.ruleId)).toContain('link/illegal-generation');
    expect((await pcie(folder, 'check', 'wrong.pcie', '--format', 'github')).stdout).toMatch(
      /^::error file=wrong\.pcie,line=2,col=\d+,endLine=2,endColumn=\d+,title=link\/illegal-generation::/m,
    );
  });

  it('counts positions from 1 on the terminal and from 0 in JSON', async () => {
    const text = (await pcie(folder, 'check', 'wrong.pcie')).stdout;
    const place = /^wrong\.pcie:(\d+):(\d+): error: .*\(link\/illegal-generation\)$/m.exec(text);
    const json = JSON.parse((await pcie(folder, 'check', 'wrong.pcie', '--json')).stdout) as {
      files: { diagnostics: { code: string; range: { start: { line: number; character: number } } }[] }[];
    };
    const found = json.files[0]?.diagnostics.find((one) => one.code === 'link/illegal-generation');
    expect(found?.range.start).toEqual({ line: Number(place?.[1]) - 1, character: Number(place?.[2]) - 1 });
  });
});

describe('other commands', () => {
  it('say on standard error what is wrong in the file, and go on with the rest', async () => {
    const { stdout, stderr, code } = await pcie(folder, 'show', 'wrong.pcie');
    expect(stderr).toMatch(/^wrong\.pcie:2:\d+: error: .*\(link\/illegal-generation\)$/m);
    expect(stdout).toMatch(/root-port/);
    expect(code).toBe(0);
  });

  it('format rewrites, and --check only tells', async () => {
    const messy = folderWith({ 'a.pcie': 'machine   m {\nsocket c {\nroot-port r gen4 x16\n}\n}\n' });
    expect((await pcie(messy, 'format', '--check', 'a.pcie')).code).toBe(1);
    expect((await pcie(messy, 'format', 'a.pcie')).code).toBe(0);
    expect(readFileSync(join(messy, 'a.pcie'), 'utf8')).toBe(
      'machine m {\n  socket c {\n    root-port r gen4 x16\n  }\n}\n',
    );
    expect((await pcie(messy, 'format', '--check', 'a.pcie')).code).toBe(0);
  });

  it('link prints the closed form', async () => {
    const { stdout } = await pcie(folder, 'link', '--gen', '3', '--lanes', '8', '--size', '64', '--json');
    const json = JSON.parse(stdout) as { writeBytesPerSecond: number; readBytesPerSecond: number };
    // 42.098 and 44.103 Gb/s: pcie-bench's model, Gen3 x8, MPS 256, MRRS 512, 64-bit addresses.
    expect((json.writeBytesPerSecond * 8) / 1e9).toBeCloseTo(42.098, 3);
    expect((json.readBytesPerSecond * 8) / 1e9).toBeCloseTo(44.103, 3);
  });
});
