import type { Bar } from '../../model/address.ts';
import { discoverTopology, type PciFunction } from '../../model/discovery/topology.ts';
import { effectiveAcs } from '../../model/isolation/acs.ts';
import { functionType } from '../../model/isolation/acs-enabled.ts';
import { type Component, componentAt, type Machine } from '../../model/machine.ts';
import { trainMachine } from '../../model/train.ts';
import type { FunctionRole, ObservedBar, ObservedFunction, ObservedMachine } from '../observed.ts';
import { parseQemuArguments, type QemuArguments } from './arguments.ts';
import { readQemuMachine } from './machine.ts';
import { plugDevices } from './plug.ts';

/**
 * What a guest would see of the machine in an arguments file. Bus numbers are those that discovery gives; addresses of BARs
 * are the firmware's affair and stay unsaid.
 *
 * @throws UnreadableInput with the line, where the arguments make no machine
 */
export function readQemu(text: string): ObservedMachine {
  const read = parseQemuArguments(text);
  const machine = trainMachine(readQemuMachine(read));
  const topology = discoverTopology(machine);
  const named = new Set(read.devices.flatMap(({ properties }) => properties.get('id') ?? []));
  return {
    formats: ['qemu'],
    name: 'qemu',
    functions: topology.functions.map((fn) => observe(machine, fn, named)),
    nodes: [
      {
        id: 0,
        memoryBytes: read.memoryBytes,
        rootBuses: topology.hosts.map(({ root }) => `0000:${root.number.toString(16).padStart(2, '0')}`),
      },
    ],
    connections: [],
    distances: [],
    linux: linuxOf(read),
    notes: [
      ...[...read.notes, ...plugDevices(read).notes].map(({ line, message }) => ({ line, subject: null, message })),
      ...topology.unreached.map((id) => ({
        line: null,
        subject: componentAt(machine, id).label,
        message: 'no configuration read reaches it: below a link there is one device',
      })),
    ],
  };
}

function linuxOf({ append, iommu }: QemuArguments): ObservedMachine['linux'] {
  const commandLine = append.length === 0 ? {} : { commandLine: append.join(' ') };
  return { iommu: iommu === null ? 'off' : 'translate', ...commandLine };
}

function observe(machine: Machine, fn: PciFunction, named: ReadonlySet<string>): ObservedFunction {
  const component = componentAt(machine, fn.component);
  const { capability, control } = effectiveAcs(machine, fn.component);
  const bars = fn.bars.map(observeBar);
  return {
    address: fn.address,
    parent: fn.bus.bridge?.address ?? null,
    role: roleOf(machine, fn, component),
    ...(fn.vendorId === null ? {} : { vendorId: fn.vendorId }),
    ...(fn.deviceId === null ? {} : { deviceId: fn.deviceId }),
    ...(fn.classCode === null ? {} : { classCode: fn.classCode, isInterfaceKnown: true }),
    ...(fn.below === null
      ? {}
      : { buses: { primary: fn.bus.number, secondary: fn.below.number, subordinate: fn.below.last } }),
    ...linkOf(component),
    ...(fn.isPort ? { hotplug: fn.hotplug } : {}),
    bars,
    ...(fn.vendorId === null ? {} : { areBarsComplete: true }),
    acs: capability === null ? null : { capability, control },
    ...(fn.sriov === null
      ? {}
      : {
          sriov: {
            totalVfs: fn.sriov.totalVfs,
            enabledVfs: fn.sriov.enabledVfs,
            ...(fn.sriov.vfOffset === null ? {} : { vfOffset: fn.sriov.vfOffset }),
            ...(fn.sriov.vfStride === null ? {} : { vfStride: fn.sriov.vfStride }),
            ...(fn.sriov.vfDeviceId === null ? {} : { vfDeviceId: fn.sriov.vfDeviceId }),
            bars: fn.sriov.bars.map(observeBar),
          },
        }),
    ...(named.has(component.label) ? { names: [component.label] } : {}),
  };
}

function linkOf({ settings: { generation, lanes } }: Component): Pick<ObservedFunction, 'link'> {
  if (generation === undefined && lanes === undefined) return {};
  return {
    link: {
      capable: { ...(generation === undefined ? {} : { generation }), ...(lanes === undefined ? {} : { lanes }) },
    },
  };
}

const observeBar = ({ index, kind, prefetchable, bytes }: Bar): ObservedBar => ({ index, kind, prefetchable, bytes });

function roleOf(machine: Machine, fn: PciFunction, { kind, settings }: Component): FunctionRole {
  switch (functionType(machine, fn)) {
    case 'root-port':
      return 'root-port';
    case 'upstream':
      return 'upstream-port';
    case 'downstream':
      return 'downstream-port';
    case 'pci-bridge':
      return 'pcie-to-pci-bridge';
    case 'integrated':
      return 'integrated-endpoint';
    case 'endpoint':
      return settings.integrated === false ? 'conventional' : 'endpoint';
    default:
      if (kind === 'bridge') return 'pci-bridge';
      return fn.bus.bridge === null && fn.classCode === 0x060000 ? 'host-bridge' : 'conventional';
  }
}
