import fc from 'fast-check';
import type { Bar } from '../../../model/address.ts';
import { generations, laneCounts } from '../../../model/link/generation.ts';
import { acsBits, type ComponentKind, type ComponentSettings, type Machine } from '../../../model/machine.ts';
import { type Sketch, sketchMachine } from '../draft.ts';

/** Settings that registers speak of; numbers also where no hardware could have them. */
const settings: fc.Arbitrary<ComponentSettings> = fc.record(
  {
    generation: fc.constantFrom(...generations),
    lanes: fc.constantFrom(...laneCounts),
    trainedGeneration: fc.constantFrom(...generations),
    forcedGeneration: fc.constantFrom(...generations),
    aspm: fc.constantFrom('off', 'l0s', 'l1', 'l0s-l1'),
    vendorId: fc.nat({ max: 0xffff }),
    deviceId: fc.nat({ max: 0xffff }),
    subsystemVendorId: fc.nat({ max: 0xffff }),
    classCode: fc.nat({ max: 0xffffff }),
    deviceNumber: fc.nat({ max: 33 }),
    functionNumber: fc.nat({ max: 7 }),
    hotplug: fc.boolean(),
    maxPayloadSupportedBytes: fc.constantFrom(128, 256, 512, 4096, 300),
    maxPayloadBytes: fc.constantFrom(128, 256, 512),
    maxReadRequestBytes: fc.constantFrom(128, 4096),
    readCompletionBoundaryBytes: fc.constantFrom(64, 128),
    extendedTags: fc.boolean(),
    tenBitTags: fc.boolean(),
    relaxedOrdering: fc.boolean(),
    atomics: fc.boolean(),
    ats: fc.boolean(),
    pasid: fc.boolean(),
    ari: fc.boolean(),
    msixVectors: fc.nat({ max: 3000 }),
  },
  { requiredKeys: [] },
);

const bars: fc.Arbitrary<readonly Bar[]> = fc.array(
  fc.record({
    index: fc.nat({ max: 6 }),
    kind: fc.constantFrom('io', 'memory32', 'memory64', 'rom'),
    prefetchable: fc.boolean(),
    bytes: fc.oneof(
      fc.nat({ max: 42 }).map((exponent) => 2 ** exponent),
      fc.nat({ max: 100_000 }),
    ),
    resizable: fc.option(
      fc
        .tuple(fc.nat({ max: 44 }), fc.nat({ max: 44 }))
        .map(([a, b]) => ({ minimumBytes: 2 ** a, maximumBytes: 2 ** b })),
    ),
  }),
  { maxLength: 5 },
);

interface Place {
  readonly bars: readonly Bar[];
  readonly vfs: number;
}

const endpoint = (kinds: readonly ComponentKind[]): fc.Arbitrary<Sketch> =>
  fc.record({ kind: fc.constantFrom(...kinds), label: fc.constant('d'), settings });

const device = endpoint(['gpu', 'nvme', 'nic', 'fpga', 'sata', 'nvswitch', 'device']);
const acs = fc.option(fc.oneof(fc.constantFrom('none', 'off', 'default'), fc.subarray([...acsBits])), {
  nil: undefined,
});

function port(kind: 'root-port' | 'port', below: fc.Arbitrary<Sketch | null>): fc.Arbitrary<Sketch> {
  return fc.tuple(settings, acs, below).map(([own, bits, child]) => ({
    kind,
    label: 'p',
    settings: own,
    ...(bits === undefined ? {} : { acs: bits }),
    children: child === null ? [] : [child],
  }));
}

const many = (child: fc.Arbitrary<Sketch>, maxLength: number): fc.Arbitrary<readonly Sketch[]> =>
  fc.array(child, { maxLength }).map((list) => list.map((one, index) => ({ ...one, label: `${one.label}${index}` })));

const bridge: fc.Arbitrary<Sketch> = fc
  .tuple(settings, many(device, 2))
  .map(([own, children]) => ({ kind: 'bridge', label: 'b', settings: own, children }));
const tray: fc.Arbitrary<Sketch> = fc
  .tuple(settings, many(port('port', fc.option(fc.oneof(device, bridge))), 3))
  .map(([own, children]) => ({ kind: 'switch', label: 's', settings: own, children }));
const socket: fc.Arbitrary<Sketch> = many(
  fc.oneof(port('root-port', fc.option(fc.oneof(device, tray, bridge))), device, bridge),
  4,
).map((children) => ({ kind: 'socket', label: 'c', children }));

const place: fc.Arbitrary<Place> = fc.record({ bars, vfs: fc.constantFrom(0, 0, 4, 256, 70_000) });

/** Machines of any shape, with BARs and virtual functions of any size. */
export const randomMachine: fc.Arbitrary<Machine> = fc
  .tuple(many(socket, 2), fc.array(place, { minLength: 1, maxLength: 8 }))
  .map(([sockets, places]) => {
    const machine = sketchMachine(sockets, { iommu: 'translate' });
    const components = machine.components.map((one, index) => {
      const { bars: own, vfs } = places[index % places.length] ?? { bars: [], vfs: 0 };
      if (one.kind === 'socket') return one;
      const sriov = {
        totalVfs: vfs,
        enabledVfs: Math.min(vfs, 300),
        vfOffset: 1,
        vfStride: 1,
        vfDeviceId: null,
        bars: own,
      };
      return { ...one, bars: own, sriov: vfs === 0 || one.kind !== 'nic' ? null : sriov };
    });
    return { ...machine, components };
  });
