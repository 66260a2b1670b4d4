import { describe, expect, it } from 'vitest';
import { folderWith, pcie } from './pcie.ts';

const file = `machine m {
  socket cpu0 : epyc-9554 {
    memory 384 GiB at 460 GB/s
    root-port rp0 gen4 x16 { gpu gpu0 : a100-pcie-80gb }
    root-port rp1 gen4 x4 { nvme ssd0 : pm9a3 }
  }
}
scenario s {
  process app on gpu0 { stream s0 { copy h2d 16 MiB } }
  job reads on ssd0 {
    pattern randread
    engine io_uring
    size 4 MiB
  }
}
`;

describe('pcie simulate --counters', () => {
  it('prints what tools would have shown, under their names', async () => {
    const folder = folderWith({ 'm.pcie': file });
    const { code, stdout } = await pcie(folder, 'simulate', '--counters', 'm.pcie');
    expect(code).toBe(0);
    const value = (counter: string) =>
      stdout
        .split('\n')
        .find((line) => line.includes(` ${counter} `))
        ?.trim()
        .split(/\s{2,}/)
        .at(-1);
    expect(value('Host Read Commands')).toBe('1024');
    expect(value('PCIRdCur')).toBe('16 MiB');
    expect(value('rxpci')).toMatch(/^\d+ MB\/s$/);
    expect(value('nvme0q1')).toBe('1024');
    expect((await pcie(folder, 'simulate', 'm.pcie')).stdout).not.toContain('PCIRdCur');
  });
});
