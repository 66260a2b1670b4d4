import { describe, expect, it } from 'vitest';
import { qemuMachine } from '../../../formats/qemu/machine.ts';
import { writeQemuArguments } from '../../../formats/qemu/write.ts';
import { enumerate } from '../../../model/discovery/enumerate.ts';
import { iommuGroups } from '../../../model/isolation/groups.ts';
import type { Machine } from '../../../model/machine.ts';
import { randomTopology } from '../../kernel/random/topology.ts';
import { sketchMachine } from '../../model/draft.ts';

/** Everything that a kernel would see, without the names. */
function seen(machine: Machine): unknown {
  const { devices, hosts } = enumerate(machine);
  const address = new Map(devices.map(({ component, bdf }) => [component, bdf]));
  return {
    hosts: hosts.map(({ busRange, windows }) => ({ busRange, windows })),
    devices: devices.map(({ name: _, component: __, ...rest }) => rest),
    groups: iommuGroups(machine).map((group) => group.map((one) => address.get(one.component)).sort()),
  };
}

describe('a machine read, written and read again', () => {
  it.each(['linux', 'seabios'] as const)('is the same to a kernel: random topologies for %s', (firmware) => {
    for (let seed = 1; seed <= 150; seed++) {
      const machine = qemuMachine(randomTopology(seed, firmware));
      const { text, notes } = writeQemuArguments(machine, firmware);
      expect(notes, `seed ${seed}`).toEqual([]);
      const again = qemuMachine(text);
      expect(seen(again), `seed ${seed}`).toEqual(seen(machine));
      expect(writeQemuArguments(again, firmware).text, `seed ${seed}`).toBe(text);
    }
  });
});

describe('a machine of other parts', () => {
  const bar = { prefetchable: true, resizable: null, kind: 'memory64' } as const;
  const gpu = { kind: 'gpu', label: 'gpu0', settings: { vendorId: 0x10de, deviceId: 0x2330 } } as const;
  const machine = sketchMachine(
    [
      {
        kind: 'socket',
        label: 'cpu0',
        settings: { memoryBytes: 2 ** 39 },
        children: [
          {
            kind: 'root-port',
            label: 'rp0',
            settings: { generation: 5, lanes: 16 },
            children: [
              {
                kind: 'switch',
                label: 'sw',
                children: [
                  { kind: 'port', label: 'p0', children: [gpu] },
                  { kind: 'port', label: 'p1', acs: 'none' },
                ],
              },
            ],
          },
          { kind: 'root-port', label: 'rp 1/ä', acs: 'none' },
        ],
      },
      { kind: 'socket', label: 'cpu1', settings: { bus: 0x80 }, children: [{ kind: 'root-port', label: 'rp0' }] },
    ],
    { disableAcsRedir: ['0000:00:01.0'], iommu: 'translate' },
  );
  const withMemory: Machine = {
    ...machine,
    components: machine.components.map((one) =>
      one.label === 'gpu0' ? { ...one, bars: [{ ...bar, index: 0, bytes: 2 ** 37 }] } : one,
    ),
  };
  const { text, notes } = writeQemuArguments(withMemory);

  it('keeps the shape, the memory and the ACS of the ports', () => {
    const again = qemuMachine(text);
    const kinds = (one: Machine) =>
      enumerate(one)
        .devices.filter((device) => device.bus !== null)
        .map(({ bdf, bus }) => ({ bdf, bus }));
    expect(kinds(again)).toEqual(kinds(withMemory));
    expect(text).toMatch(/memory-backend-ram,id=memory0,size=137438953472,share=on,reserve=off/);
    expect(text).toMatch(/ivshmem-plain,id=gpu0,[^\n]*memdev=memory0/);
    expect(text).toMatch(/^@firmware seabios$/m);
    expect(text).toMatch(/xio3130-downstream[^\n]*id=p1/);
    expect(text).toMatch(/-device pcie-root-port,hotplug=off,id=p0/);
    expect(text).toMatch(/pxb-pcie[^\n]*bus_nr=128/);
    expect(text).toContain('@append pci=disable_acs_redir=0000:00:01.0');
    expect(text).toContain('@memory 4096M');
  });

  it('says what stands in', () => {
    expect(notes).toEqual([
      '4 GiB of RAM instead of 512 GiB',
      'cpu0.rp0: gen4 instead of gen5, the most that QEMU 7.2 knows',
      expect.stringMatching(/^cpu0\.rp0, .*: QEMU’s port has 4 KiB of memory of its own$/),
      expect.stringMatching(/gpu0: ivshmem-plain stands in, with memory of 256 B of its own$/),
    ]);
    for (const note of notes) expect(text).toContain(`# ${note}\n`);
  });

  it('gives QEMU identifiers that it takes', () => {
    const ids = [...text.matchAll(/[ ,]id=([^,\n]+)/g)].map((match) => match[1]);
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) expect(id).toMatch(/^[A-Za-z][A-Za-z0-9-]*$/);
  });

  it('gives no bus the name of a property', () => {
    const named = sketchMachine([
      {
        kind: 'socket',
        label: 'cpu0',
        children: ['slot', 'port', 'chassis', 'up'].map((label) => ({ kind: 'root-port', label })),
      },
    ]);
    const ids = [...writeQemuArguments(named).text.matchAll(/,id=([^,\n]+)/g)].map((match) => match[1]);
    expect(ids).toEqual(['cpu0-slot', 'cpu0-port', 'cpu0-chassis', 'up']);
  });
});
