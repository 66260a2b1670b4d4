import { type Component, componentAt, type Machine } from '../../model/machine.ts';
import type { Reason } from '../../model/origin.ts';
import { gpuDriverOf } from './gpu/drivers.ts';
import { formatIoctl, type IoctlRequest, requests } from './ioctl.ts';

/** A device node that a driver makes, numbered as the kernel numbers it on this machine. */
export interface DeviceNode {
  readonly path: string;
  readonly purpose: string;
  /** Requests that the simulator's work makes through it; none where it is only read and written. */
  readonly requests: readonly IoctlRequest[];
}

/** Nodes through which programs reach a device, in the order in which a program meets them. */
export function deviceNodes(machine: Machine, component: number): readonly DeviceNode[] {
  const device = componentAt(machine, component);
  switch (device.kind) {
    case 'gpu':
      return gpuNodes(machine, device);
    case 'nvme':
      return driveNodes(machine, device);
    case 'fpga':
      return cardNodes(machine, device);
    case 'nic':
      return [
        {
          path: `/dev/infiniband/uverbs${numberOf(machine, device, ({ kind }) => kind === 'nic')}`,
          purpose: 'verbs: queue pairs, memory regions, doorbell pages',
          requests: [requests.verbs],
        },
      ];
    default:
      return [];
  }
}

/** A call as `strace` would show it, for a trace: the node and the request; nothing where the driver takes none of these. */
export function ioctlArgs(
  machine: Machine,
  component: number,
  wanted: readonly IoctlRequest[],
): Readonly<Record<string, string>> {
  for (const { path, requests: taken } of deviceNodes(machine, component)) {
    const request = wanted.find((one) => taken.includes(one));
    if (request !== undefined) return { node: path, request: `${request.name} ${formatIoctl(request.code)}` };
  }
  return {};
}

/** Requests by which a driver takes commands for a GPU, where user space does not ring the doorbell itself. */
export const submissions: readonly IoctlRequest[] = [
  requests.i915Submit,
  requests.xeSubmit,
  requests.nouveauSubmit,
  requests.amdgpuSubmit,
];
/** Requests that make a context and its channels. */
export const contextMakers: readonly IoctlRequest[] = [requests.rmAlloc, requests.kfdCreateQueue, ...submissions];
/** Requests for control of a GPU that changes no channel: BAR windows, mappings. */
export const controls: readonly IoctlRequest[] = [requests.rmControl, requests.kfdMap, requests.i915GemCreate];

/** Why a program cannot open what it names, or null: the driver of its device makes no such node. */
export function withoutNode(machine: Machine, component: number, opens: readonly string[] = []): Reason | null {
  const nodes = deviceNodes(machine, component).map(({ path }) => path);
  const missing = opens.find((path) => !nodes.includes(path));
  if (missing === undefined) return null;
  const { name } = componentAt(machine, component);
  const has = nodes.length === 0 ? 'none' : nodes.join(', ');
  return { code: 'driver/no-node', message: `${missing} is no node of ${name}: its driver makes ${has}.`, at: name };
}

/** A device's number among those of a kind, in the order in which the kernel finds them. */
function numberOf(machine: Machine, device: Component, like: (other: Component) => boolean): number {
  return machine.components.filter(like).findIndex(({ id }) => id === device.id);
}

const nvidiaModules = new Set(['nvidia', 'nvidia-open']);

function gpuNodes(machine: Machine, gpu: Component): DeviceNode[] {
  const driver = gpuDriverOf(gpu);
  const gpus = (like: (other: Component) => boolean) =>
    numberOf(machine, gpu, (other) => other.kind === 'gpu' && like(other));
  const own = gpus((other) => nvidiaModules.has(gpuDriverOf(other).name));
  const card = gpus((other) => gpuDriverOf(other).kms);
  return driver.deviceNodes.map(({ path, purpose, requests: said }) => ({
    path: path
      .replace('<n>', String(own < 0 || path.includes('/dri/') ? card : own))
      .replace('<128+n>', `${128 + card}`),
    purpose,
    requests: said,
  }));
}

function driveNodes(machine: Machine, drive: Component): DeviceNode[] {
  const number = numberOf(machine, drive, ({ kind }) => kind === 'nvme');
  const namespaces = Math.max(1, drive.subunits.filter(({ kind }) => kind === 'namespace').length);
  return [
    { path: `/dev/nvme${number}`, purpose: 'the controller: admin commands', requests: [requests.nvmeAdmin] },
    ...Array.from({ length: namespaces }, (_, at) => ({
      path: `/dev/nvme${number}n${at + 1}`,
      purpose: 'a namespace as a block device: read, write, io_uring',
      requests: [],
    })),
    {
      path: `/dev/ng${number}n1`,
      purpose: 'its first namespace past the block layer: commands through io_uring',
      requests: [requests.nvmeUringIo],
    },
  ];
}

/** Source: Xilinx/dma_ip_drivers, XDMA/linux-kernel/xdma/xdma_cdev.c: names of the nodes of one card. */
function cardNodes(machine: Machine, card: Component): DeviceNode[] {
  const number = numberOf(machine, card, ({ kind }) => kind === 'fpga');
  const { h2cChannels = 1, c2hChannels = 1 } = card.settings;
  const channel = (direction: 'h2c' | 'c2h', count: number, purpose: string) =>
    Array.from({ length: count }, (_, at) => ({
      path: `/dev/xdma${number}_${direction}_${at}`,
      purpose,
      requests: [requests.xdmaAddressMode],
    }));
  return [
    { path: `/dev/xdma${number}_control`, purpose: 'registers of the engine', requests: [requests.xdmaInfo] },
    { path: `/dev/xdma${number}_user`, purpose: 'registers of the design behind it', requests: [] },
    ...channel('h2c', h2cChannels, 'write(): host to card'),
    ...channel('c2h', c2hChannels, 'read(): card to host'),
  ];
}
