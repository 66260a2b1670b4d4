import type { Component, GpuDriver } from '../../../model/machine.ts';
import type { Reason } from '../../../model/origin.ts';
import { type IoctlRequest, requests } from '../ioctl.ts';

/** What a GPU driver can do, and how work reaches the device through it. */
export interface GpuDriverModel {
  readonly name: GpuDriver;
  /** The kernel module, and the library in user space that a program of streams calls. */
  readonly module: string;
  readonly userLibrary: string | null;
  /** The runtime's name of an asynchronous copy. */
  readonly copyCall: string | null;
  readonly launchCall: string | null;
  readonly cuda: boolean;
  /** Streams, copies and kernels of a program: CUDA, HIP or Level Zero. */
  readonly compute: boolean;
  readonly peerToPeer: boolean;
  /** GEM buffer objects and kernel mode setting: the DRM subsystem. */
  readonly gem: boolean;
  readonly kms: boolean;
  /**
   * What another device gets of a buffer in VRAM that is exported as a dma-buf: the VRAM itself, the buffer once it has moved to
   * host memory, or nothing.
   */
  readonly dmaBuf: 'vram' | 'host' | 'none';
  /** Whether it saves VRAM before the machine sleeps, and brings it back. */
  readonly savesVram: boolean;
  /** Managed memory that migrates on a fault of the GPU. */
  readonly pageMigration: boolean;
  /** `doorbell`: user space writes commands and a register itself. `ioctl`: the kernel submits. */
  readonly submission: 'doorbell' | 'ioctl';
  /** Whether a GSP runs the resource manager: always, from Turing on where it is not disabled, or never. */
  readonly gsp: 'always' | 'default' | 'optional' | 'never';
  readonly deviceNodes: readonly DeviceNode[];
  readonly source: string;
}

export interface DeviceNode {
  /** `<n>` stands for the number of the device. */
  readonly path: string;
  readonly purpose: string;
  /** What work of the simulator asks of it. */
  readonly requests: readonly IoctlRequest[];
}

const nvidiaNodes: readonly DeviceNode[] = [
  {
    path: '/dev/nvidia<n>',
    purpose: 'one GPU: mapping of its memory, its registers and its doorbell',
    requests: [requests.registerFd, requests.rmMapMemory],
  },
  {
    path: '/dev/nvidiactl',
    purpose: 'all GPUs: enumeration, contexts, memory, channels: objects of the resource manager',
    requests: [requests.cardInfo, requests.rmAlloc, requests.rmControl],
  },
  {
    path: '/dev/nvidia-uvm',
    purpose: 'unified memory: managed ranges, prefetch, faults',
    requests: [requests.uvmInitialize, requests.uvmRegisterGpu, requests.uvmMigrate],
  },
  { path: '/dev/nvidia-modeset', purpose: 'display, through nvidia-drm', requests: [] },
  ...drmNodes([]),
];
/** Display by kernel mode setting, and buffers with the driver's own submission. */
function drmNodes(own: readonly IoctlRequest[]): DeviceNode[] {
  return [
    { path: '/dev/dri/card<n>', purpose: 'display: kernel mode setting', requests: [requests.modeAtomic] },
    {
      path: '/dev/dri/renderD<128+n>',
      purpose: 'buffers and command submission',
      requests: [...own, requests.primeToFd, requests.primeToHandle],
    },
  ];
}
const cuda = { userLibrary: 'libcuda.so', copyCall: 'cudaMemcpyAsync', launchCall: 'cudaLaunchKernel' } as const;
const levelZero = {
  userLibrary: 'libze_intel_gpu.so',
  copyCall: 'zeCommandListAppendMemoryCopy',
  launchCall: 'zeCommandListAppendLaunchKernel',
} as const;
const nothing = { userLibrary: null, copyCall: null, launchCall: null } as const;

export const gpuDrivers: readonly GpuDriverModel[] = [
  {
    ...cuda,
    name: 'nvidia',
    module: 'nvidia.ko',
    cuda: true,
    compute: true,
    peerToPeer: true,
    gem: true,
    kms: true,
    dmaBuf: 'none',
    savesVram: true,
    pageMigration: true,
    submission: 'doorbell',
    gsp: 'default',
    deviceNodes: nvidiaNodes,
    source:
      'NVIDIA driver README, chapters "GSP firmware", "Direct Rendering Manager Kernel Modesetting" and "Configuring Power ' +
      'Management Support"; GPU Operator, "GPUDirect RDMA": a dma-buf of VRAM takes the open kernel modules',
  },
  {
    ...cuda,
    name: 'nvidia-open',
    module: 'nvidia.ko (open)',
    cuda: true,
    compute: true,
    peerToPeer: true,
    gem: true,
    kms: true,
    dmaBuf: 'vram',
    savesVram: true,
    pageMigration: true,
    submission: 'doorbell',
    gsp: 'always',
    deviceNodes: nvidiaNodes,
    source: 'NVIDIA/open-gpu-kernel-modules README: Turing and later, GSP firmware required',
  },
  {
    ...nothing,
    name: 'nouveau',
    module: 'nouveau.ko',
    cuda: false,
    compute: false,
    peerToPeer: false,
    gem: true,
    kms: true,
    dmaBuf: 'host',
    savesVram: true,
    pageMigration: false,
    submission: 'ioctl',
    gsp: 'optional',
    deviceNodes: drmNodes([requests.nouveauSubmit]),
    source:
      'Linux include/uapi/drm/nouveau_drm.h (GEM_PUSHBUF, EXEC) and drivers/gpu/drm/nouveau (NvGspRm; nouveau_prime.c pins in ' +
      'host memory)',
  },
  {
    name: 'amdgpu',
    module: 'amdgpu.ko',
    userLibrary: 'libhsa-runtime64.so',
    copyCall: 'hipMemcpyAsync',
    launchCall: 'hipLaunchKernel',
    cuda: false,
    compute: true,
    peerToPeer: true,
    gem: true,
    kms: true,
    dmaBuf: 'vram',
    savesVram: true,
    pageMigration: true,
    submission: 'doorbell',
    gsp: 'never',
    deviceNodes: [
      {
        path: '/dev/kfd',
        purpose: 'compute: queues, memory, events',
        requests: [requests.kfdCreateQueue, requests.kfdAllocate, requests.kfdMap],
      },
      ...drmNodes([requests.amdgpuGemCreate, requests.amdgpuSubmit]),
    ],
    source:
      'Linux include/uapi/linux/kfd_ioctl.h (CREATE_QUEUE gives a doorbell) and drivers/gpu/drm/amd (amdgpu_dma_buf.c: peers ' +
      'by pci_p2pdma_distance, else host memory)',
  },
  {
    ...levelZero,
    name: 'i915',
    module: 'i915.ko',
    cuda: false,
    compute: true,
    peerToPeer: false,
    gem: true,
    kms: true,
    dmaBuf: 'host',
    savesVram: true,
    pageMigration: false,
    submission: 'ioctl',
    gsp: 'never',
    deviceNodes: drmNodes([requests.i915GemCreate, requests.i915Submit]),
    source:
      'Linux include/uapi/drm/i915_drm.h (DRM_I915_GEM_EXECBUFFER2) and drivers/gpu/drm/i915/gem/i915_gem_dmabuf.c (to host ' +
      'memory when another device attaches)',
  },
  {
    ...levelZero,
    name: 'xe',
    module: 'xe.ko',
    cuda: false,
    compute: true,
    peerToPeer: true,
    gem: true,
    kms: true,
    dmaBuf: 'vram',
    savesVram: true,
    pageMigration: true,
    submission: 'ioctl',
    gsp: 'never',
    deviceNodes: drmNodes([requests.xeSubmit]),
    source:
      'Linux include/uapi/drm/xe_drm.h (DRM_XE_EXEC) and drivers/gpu/drm/xe/xe_dma_buf.c (peer-to-peer), xe_svm.c',
  },
  {
    ...nothing,
    name: 'vfio-pci',
    module: 'vfio-pci.ko',
    cuda: false,
    compute: false,
    peerToPeer: true,
    gem: false,
    kms: false,
    dmaBuf: 'none',
    savesVram: false,
    pageMigration: false,
    submission: 'ioctl',
    gsp: 'never',
    deviceNodes: [
      { path: '/dev/vfio/<group>', purpose: 'the device for a virtual machine', requests: [requests.vfioInfo] },
    ],
    source: 'Linux Documentation/driver-api/vfio.rst',
  },
  {
    ...nothing,
    name: 'none',
    module: 'no driver',
    cuda: false,
    compute: false,
    peerToPeer: false,
    gem: false,
    kms: false,
    dmaBuf: 'none',
    savesVram: false,
    pageMigration: false,
    submission: 'ioctl',
    gsp: 'never',
    deviceNodes: [],
    source: 'the text: no driver is bound',
  },
];

const byName = new Map(gpuDrivers.map((driver) => [driver.name, driver]));

/** The usual driver of a maker, by PCI vendor. */
const usual: ReadonlyMap<number, GpuDriver> = new Map([
  [0x10de, 'nvidia'],
  [0x1002, 'amdgpu'],
  [0x8086, 'xe'],
]);

/** The driver of a GPU: what the text says, else the usual one of its maker, else that of most AI servers. */
export function gpuDriverOf({ settings }: Component): GpuDriverModel {
  const name = settings.driver ?? usual.get(settings.vendorId ?? 0) ?? 'nvidia';
  const model = byName.get(name);
  if (model === undefined) throw new RangeError(`no driver ${name}`);
  return model;
}

/** True where the GSP of this GPU runs the resource manager. */
export function usesGsp(gpu: Component): boolean {
  const { gsp } = gpuDriverOf(gpu);
  if (gsp === 'never') return false;
  if (gsp === 'always') return true;
  const said = gpu.settings.gspFirmware;
  if (said !== undefined) return said;
  // A GSP came with Turing, compute capability 7.5.
  const capability = gpu.settings.computeCapability;
  return gsp === 'default' && capability !== undefined && Number(capability) >= 7.5;
}

/** GPUs whose faults a driver can serve: Pascal and later (CUDA C++ Programming Guide, "Unified memory"). */
const faultingCapability = 6;

/** Why managed memory does not move while a GPU runs, or null where it does. */
export function refusesMigration(gpu: Component): Reason | null {
  const driver = gpuDriverOf(gpu);
  const capability = gpu.settings.computeCapability;
  const old = driver.cuda && capability !== undefined && Number(capability) < faultingCapability;
  if (driver.pageMigration && !old) return null;
  const message = old
    ? `${gpu.name} has compute capability ${capability}: before 6.0 managed memory does not move while kernels run.`
    : `${driver.name} moves no managed memory.`;
  return { code: 'driver/no-page-migration', message, at: gpu.name };
}

/** Why no program with streams runs on a device, or null where one does. */
export function refusesStreams(device: Component): Reason | null {
  if (device.kind !== 'gpu') {
    const message = `${device.name} is no GPU: a process needs one.`;
    return { code: 'driver/no-gpu', message, at: device.name };
  }
  const driver = gpuDriverOf(device);
  if (driver.compute) return null;
  const message = `${driver.name} offers no CUDA and nothing like it on ${device.name}: use nvidia or nvidia-open.`;
  return { code: 'driver/no-compute', message, at: device.name };
}

/** Why a driver does not do what an operation asks of it, or null. */
export function refusesBuffers(
  gpu: Component,
  kind: 'export' | 'attach' | 'flip' | 'suspend' | 'resume',
): Reason | null {
  const driver = gpuDriverOf(gpu);
  const say = (code: string, message: string): Reason => ({ code, message: `${driver.name} ${message}`, at: gpu.name });
  switch (kind) {
    case 'flip':
      return driver.kms ? null : say('driver/no-display', `sets no modes on ${gpu.name}: KMS takes a DRM driver.`);
    case 'attach':
      return driver.gem ? null : say('driver/no-buffers', `has no GEM on ${gpu.name}: it imports no buffers.`);
    case 'export':
      if (driver.dmaBuf !== 'none') return null;
      return say(
        'driver/no-buffers',
        driver.cuda
          ? `exports no VRAM of ${gpu.name} as a dma-buf: nvidia-open does.`
          : `has no GEM on ${gpu.name}: it exports no buffers.`,
      );
    case 'suspend':
    case 'resume':
      return driver.savesVram ? null : say('driver/no-suspend', `saves no VRAM of ${gpu.name}.`);
  }
}
