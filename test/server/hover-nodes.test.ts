import { beforeAll, expect, test } from 'vitest';
import { Harness, present } from './harness.ts';

let harness: Harness;
beforeAll(() => {
  harness = new Harness();
});

async function hover(text: string): Promise<string> {
  const opened = await harness.open(text);
  const answer = await present(harness.pcie.lsp.HoverProvider).getHoverContent(opened.document, opened.at(0));
  const contents = answer?.contents;
  return typeof contents === 'object' && 'value' in contents ? contents.value : '';
}

const device = (text: string) => `machine m { socket c { root-port r gen4 x16 { ${text} } } }`;

test('a GPU shows the device nodes of its driver, and what they are asked', async () => {
  const nvidia = await hover(device('gpu g<|>0 { driver nvidia }'));
  expect(nvidia).toContain('| `/dev/nvidiactl` |');
  expect(nvidia).toContain('`NV_ESC_RM_ALLOC` `0xc020462b`');
  expect(nvidia).toContain('`/dev/dri/renderD128`');
  const intel = await hover(device('gpu g<|>0 { driver i915 }'));
  expect(intel).toContain('`DRM_IOCTL_I915_GEM_EXECBUFFER2` `0x40406469`');
  expect(intel).not.toContain('nvidia');
  expect(await hover(device('gpu g<|>0 { driver none }'))).not.toContain('device node');
});

test('drives, FPGAs and NICs show theirs', async () => {
  expect(await hover(device('nvme s<|>0'))).toContain('| `/dev/nvme0n1` |');
  expect(await hover(device('fpga f<|>0 { xdma h2c 2 c2h 1 }'))).toContain('| `/dev/xdma0_h2c_1` |');
  expect(await hover(device('nic n<|>0'))).toContain('`/dev/infiniband/uverbs0`');
});

test('new properties and operations are explained where they stand', async () => {
  expect(await hover(device('nvme s { over-pro<|>visioning 28 % }'))).toContain('amplified');
  expect(await hover(device('nvme s { write-ca<|>che 1 GiB }'))).toContain('rate of its link');
  expect(await hover(device('gpu g { context-sw<|>itch 50 us }'))).toContain('another context');
  const process = (line: string) => `${device('gpu g')}\nscenario s { process p on g { stream a { ${line} } } }`;
  expect(await hover(process('att<|>ach 1 MiB from g'))).toContain('exported');
  expect(await hover(process('fl<|>ip'))).toContain('kernel mode setting');
  expect(await hover(process('sus<|>pend 1 GiB'))).toContain('sleeps');
});
