import { describe, expect, it } from 'vitest';
import { readHwloc } from '../../formats/hwloc/read.ts';
import { readLspci } from '../../formats/lspci/read.ts';
import { readNccl } from '../../formats/nccl/read.ts';
import { folderWith, pcie } from './pcie.ts';

const folder = folderWith({
  'two.pcie': `machine first {
  socket cpu0 {
    root-port rp0 gen4 x16 { gpu gpu0 : a100-pcie-80gb }
    root-port rp1 gen4 x16 { nic nic0 : connectx-6 }
  }
}
machine second {
  socket cpu0 { root-port rp0 gen3 x4 { nvme ssd0 : pm9a3 } }
}
`,
  'wrong.pcie': 'nonsense\n',
});

describe('pcie export', () => {
  it.each([
    ['lspci', (text: string) => expect(readLspci(text).functions.length).toBeGreaterThan(3)],
    ['qemu', (text: string) => expect(text).toContain('-device')],
    ['nccl', (text: string) => expect(readNccl(text).functions).toHaveLength(2)],
    ['hwloc', (text: string) => expect(readHwloc(text).functions.length).toBeGreaterThan(3)],
    ['dot', (text: string) => expect(text).toMatch(/^digraph "first" \{/)],
    ['mermaid', (text: string) => expect(text).toMatch(/^flowchart TD/)],
    ['svg', (text: string) => expect(text).toMatch(/^<svg /)],
    ['json', (text: string) => expect(JSON.parse(text)).toMatchObject({ machine: 'first', version: 1 })],
  ] as const)('%s: the machine on standard output', async (format, check) => {
    const { code, stdout } = await pcie(folder, 'export', format, 'two.pcie');
    expect(code).toBe(0);
    check(stdout);
  });
  it('says on standard error what it assumes', async () => {
    expect((await pcie(folder, 'export', 'hwloc', 'two.pcie')).stderr).toMatch(/^two\.pcie: note: .*\.$/m);
  });
  it('takes the machine that is named', async () => {
    expect((await pcie(folder, 'export', 'dot', 'two.pcie', '--machine', 'second')).stdout).toMatch(
      /^digraph "second"/,
    );
  });
  it.each([
    ['a format that is none', ['export', 'visio', 'two.pcie'], /no format 'visio'.*lspci.*json/],
    ['a file that is none', ['export', 'dot', 'nowhere.pcie'], /no such file/],
    ['a file without a machine', ['export', 'dot', 'wrong.pcie'], /no machine/],
    ['a machine that is none', ['export', 'dot', 'two.pcie', '--machine', 'third'], /no machine 'third'/],
    ['no file', ['export', 'dot'], /missing required argument 'file'/],
  ] as const)('%s: misuse', async (_name, args, message) => {
    const { code, stderr } = await pcie(folder, ...args);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });
});
