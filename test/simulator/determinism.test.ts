import { describe, expect, it } from 'vitest';
import type { RunExplanation } from '../../simulator/explain/explain.types.ts';
import { simulate } from '../../simulator/simulate.ts';
import type { Fidelity } from '../../simulator/simulate.types.ts';
import { PerfettoWriter } from '../../simulator/trace/perfetto.ts';
import { PerfettoTracer } from '../../simulator/trace/run-trace.ts';
import { elaborate } from '../accuracy/elaborate.ts';

const text = `machine m {
  linux { iommu passthrough }
  socket cpu0 : epyc-9554 {
    memory 384 GiB at 460 GB/s
    root-port rp0 gen4 x16 {
      switch sw0 {
        link gen4 x16
        acs off
        port g[0..3] gen4 x16 { gpu gpu[0..3] : a100-pcie-80gb { bit-error-rate 1e-8 } }
        port s gen4 x4 { nvme ssd0 : pm9a3 }
        port n gen4 x16 { nic nic0 : connectx-6 }
      }
    }
  }
}
scenario all {
  transfer a from gpu0 to gpu1 { size 3 MiB }
  transfer b from cpu0 to gpu1 {
    size 2 MiB
    start 10 us
  }
  collective sum over gpu[0..3] {
    operation all-reduce
    size 4 MiB
  }
  job reads on ssd0 {
    engine io_uring
    pattern randread
    block 4 KiB
    depth 32
    runtime 5 ms
  }
  job sends on nic0 from gpu2 {
    engine rdma
    pattern write
    block 64 KiB
    depth 8
    size 8 MiB
  }
  process train on gpu3 {
    stream s0 {
      copy h2d 4 MiB
      kernel 100 us
    }
  }
}
`;

/** Everything that comes out of a run, as text: the result, where its time went, and the trace. */
async function everything(fidelity: Fidelity, seed: number): Promise<string> {
  const { machine, work } = await elaborate(text);
  const explanations: RunExplanation[] = [];
  const chunks: string[] = [];
  const writer = new PerfettoWriter((chunk) => chunks.push(chunk), { seed, fidelity });
  // A machine of its own each time: nothing may hang on what an earlier run has kept.
  const result = simulate(structuredClone(machine), structuredClone(work), {
    fidelity,
    seed,
    trace: new PerfettoTracer(writer),
    explain: (one) => explanations.push(one),
  });
  writer.close();
  expect(result.seed).toBe(seed);
  return JSON.stringify([result, explanations]) + chunks.join('');
}

describe.each(['ideal', 'flow', 'packet'] as const)('at fidelity %s', (fidelity) => {
  it('the same input and seed give the same bytes', async () => {
    expect(await everything(fidelity, 7)).toBe(await everything(fidelity, 7));
  });

  it('whoever watches changes nothing: checks for cancellation, progress', async () => {
    const { machine, work } = await elaborate(text);
    const plain = simulate(machine, work, { fidelity, seed: 3 });
    const watched = simulate(machine, work, { fidelity, seed: 3, cancelled: () => false, progress: () => undefined });
    expect(JSON.stringify(watched)).toBe(JSON.stringify(plain));
  });
});

it('another seed is another run where chance has a part', async () => {
  expect(await everything('packet', 1)).not.toBe(await everything('packet', 2));
});
