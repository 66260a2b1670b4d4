import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeDevice, deviceTypes, type Place } from '../../formats/qemu/device-models.ts';
import { Qtest } from './boot/qtest.ts';

const missing = existsSync('/usr/bin/qemu-system-x86_64') ? '' : ' (skipped: qemu-system-x86_64 is not installed)';

/** What a device needs before QEMU makes it: properties, and options before it. */
const needs: Readonly<Record<string, { readonly properties?: string; readonly options?: readonly string[] }>> = {
  nvme: { properties: 'serial=a' },
  'ivshmem-plain': {
    properties: 'memdev=m',
    options: ['-object', 'memory-backend-ram,id=m,size=128M,share=on,reserve=off'],
  },
  'acpi-erst': {
    properties: 'memdev=m',
    options: ['-object', 'memory-backend-ram,id=m,size=64K,share=on'],
  },
  'virtio-crypto-pci': { properties: 'cryptodev=c', options: ['-object', 'cryptodev-backend-builtin,id=c'] },
  'virtio-9p-pci': {
    properties: 'fsdev=f,mount_tag=t',
    options: ['-fsdev', 'local,id=f,path=/tmp,security_model=none'],
  },
  'pci-serial': { properties: 'chardev=c0', options: ['-chardev', 'null,id=c0'] },
  'pci-serial-2x': {
    properties: 'chardev1=c0,chardev2=c1',
    options: ['-chardev', 'null,id=c0', '-chardev', 'null,id=c1'],
  },
  'pci-serial-4x': {
    properties: 'chardev1=c0,chardev2=c1,chardev3=c2,chardev4=c3',
    options: [0, 1, 2, 3].flatMap((index) => ['-chardev', `null,id=c${index}`]),
  },
  'pci-ipmi-bt': { properties: 'bmc=b', options: ['-device', 'ipmi-bmc-sim,id=b'] },
  'pci-ipmi-kcs': { properties: 'bmc=b', options: ['-device', 'ipmi-bmc-sim,id=b'] },
  'pci-bridge': { properties: 'chassis_nr=9' },
  ...Object.fromEntries(
    ['pcie-root-port', 'ioh3420', 'xio3130-downstream'].map((type) => [type, { properties: 'chassis=8,slot=8' }]),
  ),
};

const needsOf = (type: string) => {
  const base = type.replace(/-(non-)?transitional$/, '');
  if (base === 'virtio-blk-pci') return { properties: 'drive=d', options: ['-blockdev', 'driver=null-co,node-name=d'] };
  return needs[base] ?? {};
};

/** Where each place is, in a machine with a root port and a bridge to conventional PCI. */
const places: Readonly<Record<Place, { readonly bus: string; readonly at: readonly [bus: number, device: number] }>> = {
  'root-bus': { bus: 'bus=pcie.0,addr=5.0', at: [0, 5] },
  express: { bus: 'bus=rp,addr=0.0', at: [1, 0] },
  conventional: { bus: 'bus=br,addr=1.0', at: [2, 1] },
};

/** Where QEMU takes a device that is for one place only. */
const onlyOnRootBus = new Set(['virtio-iommu-pci']);

/** IDs, class and BARs of a function as firmware would read them. */
async function probe(qemu: Qtest, bus: number, device: number): Promise<string[]> {
  const read = (register: number) => qemu.read(bus, device, 0, register);
  const sized = async (register: number, value = 0xffffffff) => {
    await qemu.write(bus, device, 0, register, value);
    return (await read(register)) >>> 0;
  };
  const ids = await read(0);
  const hex = (value: number, digits: number) => value.toString(16).padStart(digits, '0');
  const found = [`${hex(ids & 0xffff, 4)}:${hex(ids >>> 16, 4)} ${hex((await read(8)) >>> 8, 6)}`];
  const isBridge = (((await read(0xc)) >>> 16) & 0x7f) === 1;
  for (let index = 0; index < (isBridge ? 2 : 6); index++) {
    const low = await sized(0x10 + 4 * index);
    if (low === 0) continue;
    if ((low & 1) === 1) {
      found.push(`${index} io ${2 ** 16 - ((low & 0xfffc) >>> 0)}`);
      continue;
    }
    const prefetchable = (low & 8) !== 0 ? ' prefetchable' : '';
    const mask = (low & 0xfffffff0) >>> 0;
    if ((low & 6) === 4) {
      const high = await sized(0x14 + 4 * index);
      found.push(`${index} memory64${prefetchable} ${2n ** 64n - (BigInt(high) << 32n) - BigInt(mask)}`);
      index++;
    } else found.push(`${index} memory32${prefetchable} ${2 ** 32 - mask}`);
  }
  const rom = await sized(isBridge ? 0x38 : 0x30, 0xfffff800);
  if (rom !== 0) found.push(`6 rom ${2 ** 32 - ((rom & 0xfffff800) >>> 0)}`);
  return found;
}

describe.skipIf(missing !== '')(`QEMU's devices as they answer configuration reads${missing}`, () => {
  // Its BAR reads as of a reserved type (limits.ts).
  const types = deviceTypes.filter((type) => type !== 'pvpanic-pci');
  it.each(types)(
    '%s',
    async (type) => {
      const { properties, options = [] } = needsOf(type);
      for (const place of ['root-bus', 'express', 'conventional'] as const) {
        if (onlyOnRootBus.has(type) && place !== 'root-bus') continue;
        const { bus, at } = places[place];
        const device = [type, bus, ...(properties === undefined ? [] : [properties])].join(',');
        const around = ['pcie-root-port,id=rp,addr=6.0,chassis=1,slot=1', 'pcie-pci-bridge,id=br,addr=7.0'];
        const qemu = new Qtest([...options, ...[...around, device].flatMap((one) => ['-device', one])]);
        try {
          await qemu.write(0, 6, 0, 0x18, 0x010100);
          await qemu.write(0, 7, 0, 0x18, 0x020200);
          const backendBytes = (id: string | undefined) => (id === undefined ? null : 2 ** 27);
          const option = { line: 1, type, properties: new Map([['memdev', 'm']]) };
          const model = describeDevice(option, place, backendBytes);
          const hex = (value: number | null | undefined, digits: number) => value?.toString(16).padStart(digits, '0');
          expect([place, ...(await probe(qemu, ...at))]).toEqual([
            place,
            `${hex(model?.vendorId, 4)}:${hex(model?.deviceId, 4)} ${hex(model?.classCode, 6)}`,
            ...(model?.bars ?? []).map(
              ({ index, kind, prefetchable, bytes }) =>
                `${index} ${kind}${prefetchable ? ' prefetchable' : ''} ${bytes}`,
            ),
          ]);
        } finally {
          qemu.end();
        }
      }
    },
    60_000,
  );
});
