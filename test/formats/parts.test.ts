import { describe, expect, test } from 'vitest';
import { kindOf } from '../../formats/observed/kinds.ts';
import { type KnownPart, partOfDeviceName, partOfId, partOfProcessor } from '../../formats/observed/parts.ts';
import type { Bar } from '../../model/address.ts';
import type { ComponentKind, ComponentSettings } from '../../model/machine.ts';

const gib = 2 ** 30;
const part = (
  name: string,
  settings: ComponentSettings = {},
  base: KnownPart | null = null,
  kind: ComponentKind = 'gpu',
): KnownPart => ({
  name,
  kind,
  chain: [name, ...(base?.chain ?? [])],
  settings: { ...base?.settings, ...settings },
  acs: 'default',
  acsCapability: null,
  bars: [],
  sriov: null,
  functions: [],
});
const bar = (index: number, bytes: number, maximumBytes?: number): Bar => ({
  index,
  kind: 'memory64',
  prefetchable: true,
  bytes,
  resizable: maximumBytes === undefined ? null : { minimumBytes: 2 ** 26, maximumBytes },
});

describe('the part of a device with these IDs', () => {
  const ids = { vendorId: 0x10de, deviceId: 0x1e30 };
  const series = part('quadro-series', { ...ids, vramBar: 1 });
  const small = part('quadro-24', { vramBytes: 24 * gib }, series);
  const large = part('quadro-48', { vramBytes: 48 * gib }, series);
  const parts = [small, series, large, part('other', { vendorId: 0x10de, deviceId: 0x2330 })];
  const nameOf = (settings: ComponentSettings, bars: readonly Bar[] = []) =>
    partOfId(parts, 'gpu', { settings: { ...ids, ...settings }, bars })?.name;

  test('is the series where nothing tells the models apart', () => {
    expect(nameOf({})).toBe('quadro-series');
    expect(nameOf({}, [bar(1, 256 * 2 ** 20)])).toBe('quadro-series');
  });
  test('is the model whose memory it has, as a tool reports it or as its BAR shows it', () => {
    expect(nameOf({ vramBytes: 48 * gib })).toBe('quadro-48');
    expect(nameOf({ vramBytes: 22.5 * gib })).toBe('quadro-24');
    expect(nameOf({}, [bar(1, 32 * gib)])).toBe('quadro-24');
    expect(nameOf({}, [bar(1, 256 * 2 ** 20, 64 * gib)])).toBe('quadro-48');
  });
  test('is the series for memory that no model has', () => {
    expect(nameOf({ vramBytes: 16 * gib })).toBe('quadro-series');
  });
  test('is nothing for another kind or without IDs', () => {
    expect(partOfId(parts, 'nic', { settings: ids, bars: [] })).toBeNull();
    expect(partOfId(parts, 'gpu', { settings: { vendorId: 0x10de }, bars: [] })).toBeNull();
  });
  test('is nothing where several have the IDs and no series holds them', () => {
    const two = [part('one', ids), part('two', ids)];
    expect(partOfId(two, 'gpu', { settings: ids, bars: [] })).toBeNull();
  });

  test('follows the subsystem', () => {
    const chip = { vendorId: 0x1000, deviceId: 0xc010 };
    const family = part('pex-series', chip, null, 'switch');
    const ofSubsystem = (name: string, device: number) =>
      part(name, { subsystemVendorId: 0x1000, subsystemDeviceId: device }, family, 'switch');
    const switches = [family, ofSubsystem('pex-96', 0xa096), ofSubsystem('pex-32', 0xa032)];
    const of = (device: number) =>
      partOfId(switches, 'switch', {
        settings: { ...chip, subsystemVendorId: 0x1000, subsystemDeviceId: device },
        bars: [],
      })?.name;
    expect(of(0xa032)).toBe('pex-32');
    expect(of(0x100b)).toBe('pex-series');
    expect(partOfId(switches, 'switch', { settings: chip, bars: [] })?.name).toBe('pex-series');
  });
  test('has the link that was seen', () => {
    const both = part('a2-a16-series', { ...ids, vramBytes: 16 * gib, vramBar: 1 });
    const wide = part('x16-card', { generation: 4, lanes: 16 }, both);
    const narrow = part('x8-card', { generation: 4, lanes: 8 }, both);
    const seen = { ...ids, vramBytes: 15 * gib, generation: 4, lanes: 8 } as const;
    expect(partOfId([both, wide, narrow], 'gpu', { settings: seen, bars: [] })?.name).toBe('x8-card');
  });
});

describe('the processor with this name', () => {
  const cpu = (name: string) => part(name, {}, null, 'socket');
  const parts = ['xeon-e5-2630', 'xeon-e5-2630-v4', 'epyc-9654', 'epyc-9654p', 'epyc-9004-series', 'xeon-6972p'].map(
    cpu,
  );
  test.each([
    ['Intel(R) Xeon(R) CPU E5-2630 0 @ 2.30GHz', 'xeon-e5-2630'],
    ['Intel(R) Xeon(R) CPU E5-2630 v4 @ 2.20GHz', 'xeon-e5-2630-v4'],
    ['Intel(R) Xeon(R) CPU E5-2630 v3 @ 2.40GHz', undefined],
    ['AMD EPYC 9654 96-Core Processor', 'epyc-9654'],
    ['AMD EPYC 9654P 96-Core Processor', 'epyc-9654p'],
    ['AMD EPYC 9004 96-Core Processor', undefined],
    ['Intel(R) Xeon(R) 6972P', 'xeon-6972p'],
  ])('%s', (name, expected) => {
    expect(partOfProcessor(parts, name)?.name).toBe(expected);
  });
});

test('a name that a chip and a card share means the chip', () => {
  const chip = part('connectx-6-series', {}, null, 'nic');
  const parts = [chip, part('connectx-6', {}, chip, 'nic'), part('v100-sxm2-16gb')];
  expect(partOfDeviceName(parts, 'MT28908 Family [ConnectX-6]')?.name).toBe('connectx-6-series');
  expect(partOfDeviceName(parts, 'GV100GL [Tesla V100 SXM2 16GB]')?.name).toBe('v100-sxm2-16gb');
});

test('an accelerator is of the kind of its part', () => {
  const parts = [part('gaudi3', { vendorId: 0x1da3, deviceId: 0x1060 })];
  const seen = { address: '0000:01:00.0', parent: null, classCode: 0x120000, vendorId: 0x1da3 };
  expect(kindOf({ ...seen, deviceId: 0x1060 }, parts).kind).toBe('gpu');
  expect(kindOf({ ...seen, deviceId: 0x0001 }, parts).kind).toBe('device');
});
