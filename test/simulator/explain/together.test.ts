import { describe, expect, it } from 'vitest';
import { callsAndLatencies, nextBehind, phasesTogether } from '../../../simulator/explain/together.ts';
import { simulate } from '../../../simulator/simulate.ts';
import type { LimitPhase, NextLimit } from '../../../simulator/simulate.types.ts';
import { elaborate } from '../../accuracy/elaborate.ts';

const link: NextLimit = { limitedBy: 'rp0', kind: 'link', bytesPerSecond: 8 };

function task(startSeconds: number, endSeconds: number, limitedBy: string, bytesPerSecond: number, next = link) {
  const phase: LimitPhase = { startSeconds, endSeconds, bytesPerSecond, limitedBy, kind: 'device', next };
  return { readySeconds: 0, startSeconds, firstByteSeconds: startSeconds, endSeconds, phases: [phase] };
}

describe('work of many tasks', () => {
  it('is held back by what holds back the most of them, at the rate of all', () => {
    const phases = phasesTogether([task(1, 4, 'a', 2), task(1, 3, 'a', 2), task(2, 5, 'b', 3)], 0, 6);
    expect(phases.map((one) => [one.startSeconds, one.endSeconds, one.limitedBy, one.bytesPerSecond])).toEqual([
      [0, 1, callsAndLatencies, 0],
      // Two of them, then beside one that something else holds back.
      [1, 4, 'a', (4 + 7 + 5) / 3],
      [4, 5, 'b', 3],
      [5, 6, callsAndLatencies, 0],
    ]);
  });

  it('would reach what all of them would without the limit', () => {
    const [, phase] = phasesTogether([task(1, 2, 'a', 2), task(1, 2, 'a', 2), task(1, 2, 'b', 3)], 0, 2);
    expect(phase?.next).toEqual({ limitedBy: 'rp0', kind: 'link', bytesPerSecond: 8 + 8 + 3 });
  });

  it('comes behind calls and latencies to what holds it back as it moves', () => {
    const phases = phasesTogether([task(8, 9, 'a', 2)], 0, 10);
    expect(nextBehind(phases, callsAndLatencies)).toEqual({ limitedBy: 'a', kind: 'device', bytesPerSecond: 2 });
    expect(nextBehind(phases, 'a')).toEqual(link);
    expect(nextBehind(phases, 'something else')).toBeNull();
  });
});

const text = `machine m {
  linux { iommu passthrough }
  socket cpu0 : epyc-9554 {
    memory 384 GiB at 460 GB/s
    root-port rp0 gen4 x16 {
      switch sw0 {
        link gen4 x16
        acs off
        port g[0..3] gen4 x16 { gpu gpu[0..3] : a100-pcie-80gb }
        port s[0..1] gen4 x4 { nvme ssd[0..1] : pm9a3 }
        port n gen4 x16 { nic nic0 : connectx-6 { relaxed-ordering on } }
      }
    }
  }
}
scenario all {
  collective sum over gpu[0..3] {
    operation all-reduce
    size 256 MiB
  }
  pipeline feed {
    stage in from ssd0 to gpu0 {
      size 1 MiB
      repeat 20
    }
    stage out from gpu0 to gpu1 { size 1 MiB }
  }
  job drive on ssd1 {
    engine io_uring
    pattern randread
    block 4 KiB
    depth 64
    runtime 20 ms
  }
  job direct on ssd0 to gpu2 {
    engine cufile
    pattern read
    block 1 MiB
    depth 8
    runtime 20 ms
  }
  job remote on nic0 from gpu3 {
    engine rdma
    pattern write
    block 64 KiB
    depth 16
    size 256 MiB
  }
  process train on gpu0 {
    stream s0 {
      copy h2d 64 MiB
      kernel 1 ms
    }
  }
}
`;

describe.each(['ideal', 'flow', 'packet'] as const)('at fidelity %s', (fidelity) => {
  it('jobs, collectives, pipelines with their stages and processes say what limited them in every phase, and what would next', async () => {
    const { machine, work } = await elaborate(text);
    const [run] = simulate(machine, work, { fidelity }).runs;
    const all = [...(run?.activities ?? []), ...(run?.jobs ?? [])];
    expect(all.map(({ name }) => name).sort()).toEqual(
      ['direct', 'direct', 'drive', 'drive', 'feed', 'in', 'out', 'remote', 'sum', 'train'].sort(),
    );
    for (const { name, startSeconds, endSeconds, phases = [], nextLimit } of all) {
      expect(phases.length, name).toBeGreaterThan(0);
      let at = startSeconds;
      for (const phase of phases) {
        expect(phase.startSeconds, name).toBeCloseTo(at, 9);
        expect(phase.limitedBy, name).not.toBe('');
        expect(phase.next, name).toBeDefined();
        if (phase.next != null) {
          expect(`${phase.next.kind} ${phase.next.limitedBy}`, name).not.toBe(`${phase.kind} ${phase.limitedBy}`);
          expect(phase.next.bytesPerSecond, name).toBeGreaterThan(0);
        }
        at = phase.endSeconds;
      }
      expect(at, name).toBeCloseTo(endSeconds, 9);
      if (fidelity !== 'ideal') expect(nextLimit, name).not.toBeUndefined();
    }
    const sum = run?.activities?.find(({ name }) => name === 'sum');
    expect(sum?.nextLimit?.limitedBy).not.toBe(sum?.bottleneck);
    expect(sum?.nextLimit).not.toBeNull();
  });
});
