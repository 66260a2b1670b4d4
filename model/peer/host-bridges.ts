import { discoverTopology } from '../discovery/topology.ts';
import { kernelAtLeast } from '../isolation/kernel-version.ts';
import { type Component, componentAt, type Machine } from '../machine.ts';

/** One entry of the kernel's list of host bridges that let peers through. */
interface ListedBridge {
  readonly vendor: number;
  /** First and last device ID. */
  readonly devices: readonly [number, number];
  /** Only where both devices hang off the same host bridge. */
  readonly sameBridgeOnly?: boolean;
  /** First kernel that has the entry; Linux 6.1 or earlier where absent. */
  readonly since?: string;
}

/** Linux, drivers/pci/p2pdma.c, pci_p2pdma_whitelist. The accelerators stand first on root buses of their own. */
const listedBridges: readonly ListedBridge[] = [
  { vendor: 0x8086, devices: [0x3c00, 0x3c01], sameBridgeOnly: true }, // Sandy Bridge, Ivy Bridge
  { vendor: 0x8086, devices: [0x2f00, 0x2f01], sameBridgeOnly: true }, // Haswell, Broadwell
  { vendor: 0x8086, devices: [0x2030, 0x2033] }, // Skylake and later root ports A to D
  { vendor: 0x8086, devices: [0x2020, 0x2020] },
  { vendor: 0x8086, devices: [0x09a2, 0x09a2] }, // Ice Lake and later
  { vendor: 0x8086, devices: [0x0b25, 0x0b25], since: '7.2' }, // Data Streaming Accelerator
  { vendor: 0x8086, devices: [0x11fb, 0x11fb], since: '7.2' },
  { vendor: 0x8086, devices: [0x1212, 0x1212], since: '7.2' },
  { vendor: 0x8086, devices: [0x0cfe, 0x0cfe], since: '7.2' }, // In-Memory Analytics Accelerator
  { vendor: 0x8086, devices: [0x1216, 0x1216], since: '7.2' },
  { vendor: 0x8086, devices: [0x4940, 0x4940], since: '7.2' }, // QuickAssist
  { vendor: 0x8086, devices: [0x4942, 0x4942], since: '7.2' },
  { vendor: 0x8086, devices: [0x4944, 0x4944], since: '7.2' },
  { vendor: 0x8086, devices: [0x4946, 0x4946], since: '7.2' },
  { vendor: 0x8086, devices: [0x4948, 0x4948], since: '7.2' },
  { vendor: 0x1ae0, devices: [0x0000, 0xffff], since: '7.2' }, // Google
];

/** What the kernel makes of a host bridge for peers that pass it. */
export interface BridgeVerdict {
  readonly allowed: boolean;
  readonly message: string;
}

/**
 * Whether the kernel counts on an AMD CPU from Zen on to let peers through, whatever the host bridge: it asks the CPU that
 * it boots on, which is the first socket (Linux 6.1 and 7.2, drivers/pci/p2pdma.c, cpu_supports_p2pdma).
 */
export function zenVerdict(machine: Machine): BridgeVerdict | null {
  const first = machine.components.find((component) => component.kind === 'socket');
  if (first?.settings.cpuVendor !== 'amd') return null;
  const { cpuFamily } = first.settings;
  if (cpuFamily !== undefined && cpuFamily < 0x17) return null;
  const family = cpuFamily === undefined ? 'family not said, Zen assumed' : `family 0x${cpuFamily.toString(16)}`;
  return {
    allowed: true,
    message: `The machine boots on an AMD Zen CPU (${first.name}, ${family}): the kernel lets peers through.`,
  };
}

/** Whether the host bridge of a socket is on the kernel's list. */
export function bridgeVerdict(machine: Machine, socket: Component, sameBridge: boolean): BridgeVerdict {
  const { name } = socket;
  const id = hostBridgeId(machine, socket);
  if (id === null) {
    const message = `The host bridge of ${name} is not known, so it is taken not to be on the kernel's list.`;
    return { allowed: false, message };
  }
  const hex = (value: number) => value.toString(16).padStart(4, '0');
  const called = `The host bridge ${hex(id.vendor)}:${hex(id.device)} of ${name}`;
  const entry = listedBridges.find(
    ({ vendor, devices, since }) =>
      vendor === id.vendor &&
      devices[0] <= id.device &&
      id.device <= devices[1] &&
      (since === undefined || kernelAtLeast(machine.linux, since)),
  );
  if (entry === undefined) return { allowed: false, message: `${called} is not on the kernel's peer-to-peer list.` };
  if (entry.sameBridgeOnly === true && !sameBridge) {
    return { allowed: false, message: `${called} is listed for peers below the same bridge only.` };
  }
  return { allowed: true, message: `${called} is on the kernel's peer-to-peer list.` };
}

/**
 * ID of the function that the kernel takes for the host bridge: what the text says of it, else the first function of the
 * root bus if that is a root port (pci_host_bridge_dev). Null where not known.
 */
export function hostBridgeId(machine: Machine, socket: Component): { vendor: number; device: number } | null {
  const { hostBridgeVendorId, hostBridgeDeviceId } = socket.settings;
  if (hostBridgeDeviceId !== undefined) return { vendor: hostBridgeVendorId ?? 0, device: hostBridgeDeviceId };
  const first = discoverTopology(machine).hosts.find((host) => host.socket === socket.id)?.root.functions[0];
  if (first === undefined || first.vendorId === null || first.deviceId === null) return null;
  if (componentAt(machine, first.component).kind !== 'root-port' && first.device + first.fn !== 0) return null;
  return { vendor: first.vendorId, device: first.deviceId };
}
