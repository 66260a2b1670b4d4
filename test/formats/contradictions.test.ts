import { beforeAll, describe, expect, test } from 'vitest';
import { readHwloc } from '../../formats/hwloc/read.ts';
import { writeHwloc } from '../../formats/hwloc/write.ts';
import { readLspci } from '../../formats/lspci/read.ts';
import { writeLspciDump } from '../../formats/lspci/write-dump.ts';
import { readNccl } from '../../formats/nccl/read.ts';
import { writeNccl } from '../../formats/nccl/write.ts';
import { mergeObserved } from '../../formats/observed/merge.ts';
import type { ObservedFunction, ObservedMachine } from '../../formats/observed.ts';
import { exampleFiles, machinesOf } from './examples.ts';

type Format = 'lspci' | 'hwloc' | 'nccl';
type Sources = Readonly<Record<Format, ObservedMachine>>;
const formats = ['lspci', 'hwloc', 'nccl'] as const;

/** One machine as each tool would show it. */
async function sourcesOf(file: string): Promise<Sources> {
  const [machine] = await machinesOf(file);
  if (machine === undefined) throw new Error(`${file} has no machine`);
  return {
    lspci: readLspci(writeLspciDump(machine)),
    hwloc: readHwloc(writeHwloc(machine).text),
    nccl: readNccl(writeNccl(machine).text),
  };
}

/** All orders of two sources or more. */
function orders(rest: readonly Format[]): Format[][] {
  const longer = rest.flatMap((one) => orders(rest.filter((other) => other !== one)).map((tail) => [one, ...tail]));
  return [[], ...longer].filter((order) => order.length !== 1 || rest.length < formats.length);
}
const combinations = orders(formats).filter((order) => order.length > 1);

const contradictions = ({ notes }: ObservedMachine) =>
  notes
    .filter(({ message }) => /is kept$|does not: /.test(message))
    .map(({ subject, message }) => `${subject}: ${message}`);

const merge = (sources: Sources, order: readonly Format[]) => mergeObserved(order.map((format) => sources[format]));

describe('sources that agree', () => {
  test.each(exampleFiles.filter((file) => file !== 'mistakes.pcie'))(
    '%s: no contradiction in any order',
    async (file) => {
      const sources = await sourcesOf(file);
      for (const order of combinations) expect(contradictions(merge(sources, order)), order.join(', ')).toEqual([]);
    },
  );
});

describe('one source says otherwise', () => {
  let sources: Sources;
  beforeAll(async () => {
    sources = await sourcesOf('dgx-a100.pcie');
  });
  const changed = (format: Format, isMeant: (fn: ObservedFunction) => boolean, change: Partial<ObservedFunction>) => {
    const { functions } = sources[format];
    const at = functions.findIndex(isMeant);
    const target = functions[at];
    if (target === undefined) throw new Error(`${format} has no such function`);
    const other = { ...sources[format], functions: functions.with(at, { ...target, ...change }) };
    return { address: target.address, sources: { ...sources, [format]: other } };
  };
  const isNic = ({ classCode = 0 }: ObservedFunction) => classCode >>> 16 === 0x02;
  const isGpu = ({ classCode = 0 }: ObservedFunction) => classCode >>> 16 === 0x03;
  const isDrive = ({ classCode = 0 }: ObservedFunction) => classCode >>> 16 === 0x01;

  const cases: Readonly<
    Record<
      string,
      readonly [Format, (fn: ObservedFunction) => boolean, Partial<ObservedFunction>, readonly Format[], RegExp]
    >
  > = {
    'another device': [
      'hwloc',
      isNic,
      { deviceId: 0x1234 },
      ['lspci', 'hwloc'],
      /says deviceId 0x1234, another source 0x/,
    ],
    'another NUMA node': ['hwloc', isGpu, { numaNode: 7 }, ['hwloc', 'nccl'], /says numaNode/],
    'another place': [
      'hwloc',
      isNic,
      { parent: '0000:00:01.0' },
      ['lspci', 'hwloc'],
      /says it hangs below 0000:00:01\.0/,
    ],
    'a narrower link': [
      'lspci',
      isDrive,
      { link: { current: { generation: 4, lanes: 2 } } },
      ['lspci', 'hwloc'],
      /hwloc says its link is x4, another source x2/,
    ],
    'an end that can do more than both': [
      'nccl',
      isNic,
      { link: { capable: { generation: 6, lanes: 16 } } },
      ['lspci', 'nccl'],
      /nccl says it can do gen6, another source gen4/,
    ],
  };
  test.each(Object.keys(cases))('%s: said in every order', (name) => {
    const found = cases[name];
    if (found === undefined) throw new Error(name);
    const [format, isMeant, change, pair, message] = found;
    const { address, sources: other } = changed(format, isMeant, change);
    for (const order of [pair, pair.toReversed()]) {
      const said = contradictions(merge(other, order));
      expect(said, order.join(', ')).toEqual([expect.stringMatching(message)]);
      expect(said[0]).toContain(address);
    }
  });

  test('a GPU that rests in one of them is no contradiction', () => {
    const { sources: other } = changed('lspci', isGpu, { link: { current: { generation: 1, lanes: 16 } } });
    expect(contradictions(merge(other, ['lspci', 'hwloc']))).toEqual([]);
  });

  test('sizes of BARs, virtual functions, NVLink', () => {
    const function_ = (bytes: number, totalVfs: number): ObservedFunction => ({
      address: '0000:01:00.0',
      bars: [{ index: 0, kind: 'memory64', prefetchable: true, bytes }],
      sriov: { totalVfs, enabledVfs: 0, bars: [] },
    });
    const link = (links: number) => ({ from: '0000:01:00.0', to: '0000:02:00.0', technology: 'nvlink', links });
    const machine = (format: string, bytes: number, vfs: number, links: number): ObservedMachine => ({
      ...sources.lspci,
      formats: [format],
      functions: [function_(bytes, vfs)],
      connections: [link(links)],
    });
    expect(contradictions(mergeObserved([machine('sysfs', 1024, 8, 4), machine('lspci', 2048, 16, 6)]))).toEqual([
      expect.stringMatching(/lspci says BAR 0 has 2048 bytes, another source 1024 bytes/),
      expect.stringMatching(/lspci says the most virtual functions are 16, another source 8/),
      expect.stringMatching(/nvlink from .* is 6 links, another 4 links/),
    ]);
  });

  test('a rate that is not that of the state', () => {
    const drive = sources.lspci.functions.find(isDrive);
    const rated = (bytesPerSecond: number): ObservedMachine => ({
      ...sources.hwloc,
      functions: [{ address: drive?.address ?? '', link: { current: { bytesPerSecond } } }],
    });
    expect(contradictions(mergeObserved([sources.lspci, rated(7.88e9)]))).toEqual([]);
    expect(contradictions(mergeObserved([sources.lspci, rated(3.94e9)]))).toEqual([
      expect.stringMatching(/hwloc says its link runs at 3\.94 GB\/s, another source gen4 x4/),
    ]);
  });

  test('a drive that one of two full lists lacks', () => {
    const all = sources.lspci;
    const lacking = {
      ...all,
      formats: ['sysfs'],
      functions: all.functions.filter((fn) => fn !== all.functions.find(isDrive)),
    };
    expect(contradictions(mergeObserved([lacking, all]))).toEqual([
      expect.stringMatching(/lspci lists it, sysfs does not/),
    ]);
  });
});
