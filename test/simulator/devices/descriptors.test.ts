import { describe, expect, it } from 'vitest';
import { simulate } from '../../../simulator/simulate.ts';
import { elaborate } from '../../accuracy/elaborate.ts';

const machine = (more: string) => `machine m {
  socket cpu0 : epyc-9554 {
    memory 384 GiB at 460 GB/s
    root-port rp0 gen4 x4 { nvme ssd0 : pm9a3 { ${more} } }
  }
}`;

async function latency(more: string, lines: string): Promise<number> {
  const read = await elaborate(`${machine(more)}\njob j on ssd0 {\npattern read\nsize 8 MiB\n${lines}\n}`);
  return simulate(read.machine, read.work).runs[0]?.jobs?.[0]?.latency.mean ?? Number.NaN;
}

describe('what says where the data goes', () => {
  it('is a list that the drive reads first, unless one descriptor covers contiguous memory', async () => {
    const large = 'engine spdk\nblock 128 KiB';
    const [lists, one] = [await latency('sgl off', large), await latency('sgl on', large)];
    // One read of host memory, there and back.
    expect(lists - one).toBeGreaterThan(0.3e-6);
    expect(lists - one).toBeLessThan(1.5e-6);
  });

  it('is no list for two pages, and pages of user space are rarely contiguous', async () => {
    for (const lines of ['engine spdk\nblock 8 KiB', 'engine io_uring\nblock 128 KiB'])
      expect(await latency('sgl on', lines)).toBe(await latency('sgl off', lines));
  });
});
