import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { EmptyFileSystem, URI } from 'langium';
import { describe, expect, it } from 'vitest';
import type { ElaboratedMachine } from '../../../language/elaborate/elaborated.ts';
import { createPcieServices } from '../../../language/module.ts';
import { loadCatalogue } from '../../../language/services/catalogue.ts';
import { simulate } from '../../../simulator/simulate.ts';
import type { SimulationResult } from '../../../simulator/simulate.types.ts';

interface Read {
  readonly machines: readonly ElaboratedMachine[];
  /** Codes of what is reported, errors first. */
  readonly codes: readonly (string | number | undefined)[];
  readonly errors: number;
}

let files = 0;

async function read(text: string): Promise<Read> {
  const { shared, pcie } = createPcieServices(EmptyFileSystem);
  const document = shared.workspace.LangiumDocumentFactory.fromString(text, URI.parse(`file:///work${files++}.pcie`));
  shared.workspace.LangiumDocuments.addDocument(document);
  await shared.workspace.DocumentBuilder.build([...loadCatalogue(shared), document], { validation: true });
  const diagnostics = document.diagnostics ?? [];
  return {
    machines: pcie.Elaborations.get(document).machines,
    codes: diagnostics.map(({ code }) => code),
    errors: diagnostics.filter(({ severity }) => severity === 1).length,
  };
}

async function run(work: string, wrong = 0): Promise<SimulationResult> {
  const { machines, errors } = await read(`${machine}\n${work}`);
  expect(errors).toBe(wrong);
  const [first] = machines;
  if (first === undefined) throw new Error('no machine');
  return simulate(first.machine, first.work);
}

const machine = `machine m {
  socket cpu[0..1] {
    memory 384 GiB at 460 GB/s
    root-port rp0 gen4 x16 {
      switch sw {
        link gen4 x16
        acs off
        port p[0..1] gen4 x16 { gpu gpu[0..1] : a100-pcie-80gb }
        port p2 gen4 x16 { nic nic[0..0] : connectx-6 }
        port p3 gen3 x16 { fpga fpga[0..0] : alveo-u50 { xdma h2c 4 c2h 2 } }
      }
    }
  }
  connect cpu0 to cpu1 {
    technology xgmi
    bandwidth 50 GB/s
  }
}`;

describe('the text of work', () => {
  it('reaches the simulator with all that a process says', async () => {
    const { runs } = await run(`scenario s {
      process train on cpu0.gpu0 {
        start 1 ms
        cores 0..1
        polling off
        numa 1
        pinned off
        context a {
          stream s0 {
            copy h2d 1 MiB
            copy d2h 1 MiB pinned
            kernel 10 us gemm
            record done
          }
        }
        context b {
          stream s0 {
            wait done
            copy p2p 1 MiB to cpu0.gpu1
            copy d2d 1 MiB
            prefetch 1 MiB to cpu0
            store 64 B to cpu0.gpu0
            load 4 B from cpu0.gpu0
            synchronize
          }
        }
        expect time < 5 ms
        expect bytes >= 5 MiB
      }
    }`);
    const [one] = runs;
    expect(one?.notSimulated).toEqual([]);
    expect(one?.expectations.map(({ passed }) => passed)).toEqual([true, true]);
    expect(one?.operations.map(({ stream, label }) => `${stream}: ${label}`)).toEqual([
      'a.s0: copy h2d',
      'a.s0: copy d2h',
      'a.s0: gemm',
      'a.s0: record done',
      'b.s0: wait done',
      'b.s0: copy p2p',
      'b.s0: copy d2d',
      'b.s0: prefetch',
      'b.s0: store',
      'b.s0: load',
      'b.s0: synchronize',
    ]);
    expect(one?.operations.every(({ startSeconds }) => startSeconds >= 1e-3)).toBe(true);
    // The memory of the other socket: the data crosses between them.
    expect(one?.resources.find(({ kind }) => kind === 'interconnect')?.bytes).toBeGreaterThan(1e6);
  });

  it('may have collectives, pipelines and verbs at its top, each a run of its own', async () => {
    const { runs } = await run(
      `collective sum over cpu0.gpu[0..1] cpu0.nic0 {
      operation all-reduce
      size 64 MiB
      expect bus-bandwidth > 1 GB/s
      expect bus-bandwidth of sum / bandwidth of sum == 1 within 1 %
    }
    pipeline radar {
      every 1 ms
      stage ingest from cpu0.fpga0 to cpu0.gpu0 {
        size 256 KiB
        repeat 3
        expect path direct
        expect latency < 100 us
      }
      transfer onwards from cpu0.gpu0 to cpu0.gpu1 {
        size 64 KiB
        expect path direct
      }
      stage detect on cpu0.gpu1 { compute 100 us }
      expect latency of ingest < 100 us
    }
    job flood on cpu0.nic0 to cpu0.gpu0 {
      engine rdma
      pattern read
      block 8 KiB
      depth 8
      size 16 MiB
      expect bandwidth > 1 GB/s
      expect path direct
    }`,
    );
    expect(runs.map(({ name }) => name)).toEqual(['sum', 'radar', 'flood']);
    const failed = runs.flatMap(({ expectations }) => expectations.filter(({ passed }) => !passed));
    expect(failed).toEqual([]);
    expect(runs.flatMap(({ notSimulated }) => notSimulated)).toEqual([]);
  });

  it('is left out aloud where a driver, an instance or a size is missing', async () => {
    const { runs } = await run(
      `scenario s {
      process a on cpu0.nic0 { stream s0 { kernel 1 ms } }
      process b on cpu0.gpu0 {
        instance mig7
        stream s0 { kernel 1 ms }
      }
      collective c over cpu0.gpu0 {
        operation all-reduce
        size 1 MiB
      }
      pipeline d {
        stage e on cpu0.gpu0 {
          size 1 MiB
          reconfigure icap
        }
      }
    }`,
      4,
    );
    expect(runs[0]?.notSimulated).toHaveLength(4);
  });

  it('may use memory of another context only where that exported it', async () => {
    const { runs } = await run(
      `scenario s {
      process p on cpu0.gpu0 {
        context a { stream s0 { copy h2d 1 MiB } }
        context b {
          stream s0 {
            copy d2d 1 MiB from a
            copy d2d 1 MiB exported from a
          }
        }
      }
    }`,
      1,
    );
    expect(runs[0]?.notSimulated).toEqual([
      'process p: p.b cannot use memory of p.a: contexts have address spaces of their own. Export and import it.',
    ]);
    expect(runs[0]?.activities?.[0]?.reasons.map(({ code }) => code)).toEqual(['driver/wrong-context']);
    expect(runs[0]?.operations).toHaveLength(2);
  });

  it('names the namespace of a job, and says where a drive has none of the name', async () => {
    const drives = `machine n { socket cpu0 { root-port rp0 gen4 x4 { nvme ssd0 {
      namespace ns1 { lba 512 B }
      namespace ns2 { lba 4 KiB }
    } } } }`;
    const job = (namespace: string) => `job j on ssd0 {
      namespace ${namespace}
      pattern randread
      block 512 B
      engine io_uring
      size 1 MiB
    }`;
    expect((await read(`${drives}\n${job('ns3')}`)).codes).toContain('language/unresolved');
    const ran = async (namespace: string) => {
      const { machines, codes } = await read(`${drives}\n${job(namespace)}`);
      expect(codes.includes('work/cannot-run')).toBe(namespace === 'ns2');
      return machines.flatMap(({ machine: one, work }) => simulate(one, work).runs)[0];
    };
    expect((await ran('ns1'))?.notSimulated).toEqual([]);
    // Its logical blocks are larger than the requests.
    expect((await ran('ns2'))?.notSimulated[0]).toContain('ns2');
  });

  it('means work by a name that work has, whatever the machine calls so', async () => {
    const { runs } = await run(`scenario s {
      transfer memory from cpu0.gpu0 to cpu0.gpu1 { size 1 MiB }
      transfer gpu0 from cpu0.gpu0 to cpu0.memory { size 1 MiB }
      expect bandwidth of memory / bandwidth of gpu0 < 100
      expect utilisation of cpu0.memory < 100 %
    }`);
    expect(runs[0]?.expectations.map(({ message, passed }) => (passed ? '' : message))).toEqual(['', '']);
  });

  it('says of work that moves nothing, or to where it is, that it does', async () => {
    const { codes } = await read(`${machine}
      transfer a from cpu0.gpu0 to cpu0.gpu0 { size 1 MiB }
      transfer b from cpu0.gpu0 to cpu0.gpu1 { size 0 B }
      collective c over cpu0.gpu[0..1] {
        operation all-reduce
        size 0 B
      }
      scenario s { process p on cpu0.gpu0 { stream s0 { copy h2d 0 B } } }`);
    expect(codes.filter((code) => code === 'work/same-ends')).toHaveLength(1);
    expect(codes.filter((code) => code === 'work/empty')).toHaveLength(3);
  });

  it('waits for the work that it comes after, whatever kinds both are of', async () => {
    const { runs } = await run(`scenario s {
      transfer first from cpu0.gpu0 to cpu0 { size 16 MiB }
      process second on cpu0.gpu0 after first { stream s0 { kernel 1 ms } }
      collective third over cpu0.gpu[0..1] after second {
        operation all-reduce
        size 16 MiB
      }
      pipeline fourth after third { stage one from cpu0.gpu0 to cpu0.gpu1 { size 1 MiB } }
      transfer fifth from cpu0.gpu0 to cpu0 after third fourth { size 16 MiB }
      transfer x from cpu0.gpu0 to cpu0 after y { size 1 MiB }
      transfer y from cpu0.gpu0 to cpu0 after x { size 1 MiB }
    }`);
    const [one] = runs;
    const all = [...(one?.transfers ?? []), ...(one?.activities ?? [])];
    const of = (name: string) => all.find((work) => work.name === name) ?? { startSeconds: -1, endSeconds: -1 };
    const names = ['first', 'second', 'third', 'fourth', 'fifth'];
    names.slice(1).forEach((name, at) => {
      expect(of(name).startSeconds).toBeGreaterThanOrEqual(of(names[at] ?? '').endSeconds);
      expect(of(name).endSeconds).toBeGreaterThan(of(name).startSeconds);
    });
    // What it waited for is no part of its rate.
    const { busBytesPerSecond = 0 } = one?.activities?.find(({ name }) => name === 'third') ?? {};
    expect(busBytesPerSecond).toBeGreaterThan(10e9);
    expect(one?.notSimulated.map((text) => text.slice(0, 2))).toEqual(['x:', 'y:']);
    expect(of('y').endSeconds).toBeGreaterThan(0);
  });

  it('puts host memory on the NUMA node that a transfer names', async () => {
    const { runs } = await run(`transfer far from cpu0.gpu0 to cpu0 {
      size 16 MiB
      numa 1
    }`);
    expect(runs[0]?.transfers[0]?.to).toBe('cpu1.memory');
    const { codes } = await read(`${machine}\ntransfer t from cpu0.gpu0 to cpu0 {
      size 1 MiB
      numa 9
    }`);
    expect(codes).toContain('language/bad-value');
  });

  it('says of what it passes over that it does', async () => {
    const { codes } = await read(`${machine}\npipeline p {
      stage a from cpu0.gpu0 to cpu0.gpu1 { size 1 MiB }
      stage b on cpu0.gpu1 after a { compute 1 ms }
    }`);
    expect(codes).toContain('work/not-simulated');
  });
});

describe('the examples', () => {
  const folder = resolve(import.meta.dirname, '../../../examples');
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.pcie') && name !== 'mistakes.pcie')) {
    it(`${file}: all of its expectations hold, and nothing is left out`, async () => {
      const { machines, errors } = await read(readFileSync(resolve(folder, file), 'utf8'));
      expect(errors).toBe(0);
      for (const { machine: one, work } of machines) {
        for (const result of simulate(one, work).runs) {
          expect(result.notSimulated).toEqual([]);
          // Findings are the rules' to know.
          const failed = result.expectations.filter(({ passed, text }) => !passed && !text.includes('finding'));
          expect(failed.map(({ text, message }) => `${text}: ${message}`)).toEqual([]);
        }
      }
    });
  }
});
