/** A request that a driver takes through a device node. */
export interface IoctlRequest {
  readonly name: string;
  /** As the second argument of `ioctl` shows it in `strace`: encoded as `_IOC` does, or the plain number of those that do not. */
  readonly code: number;
  readonly source: string;
}

const directions = { none: 0, write: 1, read: 2, both: 3 } as const;

/**
 * The second argument of `ioctl`: number, type, bytes of the structure and direction in one word.
 * Source: Linux include/uapi/asm-generic/ioctl.h: 8, 8, 14 and 2 bits from the lowest up.
 *
 * @param type the letter or the number of the driver
 * @throws RangeError for what does not fit into its bits
 */
export function ioctlCode(
  direction: keyof typeof directions,
  type: string | number,
  number: number,
  bytes: number,
): number {
  const kind = typeof type === 'string' ? type.charCodeAt(0) : type;
  if (kind > 0xff || number > 0xff || bytes >= 1 << 14)
    throw new RangeError(`no ioctl of ${bytes} B, number ${number}`);
  return ((directions[direction] << 30) | (bytes << 16) | (kind << 8) | number) >>> 0;
}

/** `0xc020462a`, as `strace -X raw` prints it. */
export const formatIoctl = (code: number): string => `0x${code.toString(16).padStart(8, '0')}`;

function request(
  source: string,
  name: string,
  direction: keyof typeof directions,
  type: string | number,
  number: number,
  bytes: number,
): IoctlRequest {
  return { name, code: ioctlCode(direction, type, number, bytes), source };
}

const escapes = 'NVIDIA/open-gpu-kernel-modules, nv_escape.h, nv-ioctl-numbers.h and nvos.h';
const uvm = 'NVIDIA/open-gpu-kernel-modules, uvm_ioctl.h and uvm_linux_ioctl.h: plain numbers';
const drm = 'Linux include/uapi/drm/drm.h';

/** Requests that the simulator speaks of, by their names in the headers. */
export const requests = {
  rmAlloc: request(escapes, 'NV_ESC_RM_ALLOC', 'both', 'F', 0x2b, 32),
  rmControl: request(escapes, 'NV_ESC_RM_CONTROL', 'both', 'F', 0x2a, 32),
  rmMapMemory: request(escapes, 'NV_ESC_RM_MAP_MEMORY', 'both', 'F', 0x4e, 56),
  registerFd: request(escapes, 'NV_ESC_REGISTER_FD', 'both', 'F', 201, 4),
  cardInfo: request(escapes, 'NV_ESC_CARD_INFO', 'both', 'F', 200, 32 * 72),
  uvmInitialize: { name: 'UVM_INITIALIZE', code: 0x30000001, source: uvm },
  uvmRegisterGpu: { name: 'UVM_REGISTER_GPU', code: 37, source: uvm },
  uvmMigrate: { name: 'UVM_MIGRATE', code: 51, source: uvm },
  primeToFd: request(drm, 'DRM_IOCTL_PRIME_HANDLE_TO_FD', 'both', 'd', 0x2d, 12),
  primeToHandle: request(drm, 'DRM_IOCTL_PRIME_FD_TO_HANDLE', 'both', 'd', 0x2e, 12),
  modeAtomic: request(drm, 'DRM_IOCTL_MODE_ATOMIC', 'both', 'd', 0xbc, 56),
  amdgpuGemCreate: request('Linux include/uapi/drm/amdgpu_drm.h', 'DRM_IOCTL_AMDGPU_GEM_CREATE', 'both', 'd', 0x40, 32),
  amdgpuSubmit: request('Linux include/uapi/drm/amdgpu_drm.h', 'DRM_IOCTL_AMDGPU_CS', 'both', 'd', 0x44, 24),
  kfdCreateQueue: request('Linux include/uapi/linux/kfd_ioctl.h', 'AMDKFD_IOC_CREATE_QUEUE', 'both', 'K', 0x02, 88),
  kfdAllocate: request('Linux include/uapi/linux/kfd_ioctl.h', 'AMDKFD_IOC_ALLOC_MEMORY_OF_GPU', 'both', 'K', 0x16, 40),
  kfdMap: request('Linux include/uapi/linux/kfd_ioctl.h', 'AMDKFD_IOC_MAP_MEMORY_TO_GPU', 'both', 'K', 0x18, 24),
  i915GemCreate: request('Linux include/uapi/drm/i915_drm.h', 'DRM_IOCTL_I915_GEM_CREATE', 'both', 'd', 0x5b, 16),
  i915Submit: request('Linux include/uapi/drm/i915_drm.h', 'DRM_IOCTL_I915_GEM_EXECBUFFER2', 'write', 'd', 0x69, 64),
  xeSubmit: request('Linux include/uapi/drm/xe_drm.h', 'DRM_IOCTL_XE_EXEC', 'write', 'd', 0x49, 56),
  nouveauSubmit: request(
    'Linux include/uapi/drm/nouveau_drm.h',
    'DRM_IOCTL_NOUVEAU_GEM_PUSHBUF',
    'both',
    'd',
    0x81,
    64,
  ),
  vfioInfo: request('Linux include/uapi/linux/vfio.h', 'VFIO_DEVICE_GET_INFO', 'none', ';', 107, 0),
  nvmeAdmin: request('Linux include/uapi/linux/nvme_ioctl.h', 'NVME_IOCTL_ADMIN_CMD', 'both', 'N', 0x41, 72),
  nvmeUringIo: request('Linux include/uapi/linux/nvme_ioctl.h', 'NVME_URING_CMD_IO', 'both', 'N', 0x80, 72),
  xdmaInfo: request('Xilinx/dma_ip_drivers, XDMA/linux-kernel/xdma/cdev_ctrl.h', 'XDMA_IOCINFO', 'both', 'x', 1, 40),
  xdmaAddressMode: request(
    'Xilinx/dma_ip_drivers, XDMA/linux-kernel/xdma/cdev_ctrl.h',
    'IOCTL_XDMA_ADDRMODE_SET',
    'write',
    'q',
    4,
    4,
  ),
  verbs: request('Linux include/uapi/rdma/rdma_user_ioctl.h', 'RDMA_VERBS_IOCTL', 'both', 0x1b, 1, 24),
  gdsMap: request('NVIDIA/gds-nvidia-fs, src/nvfs-core.h', 'NVFS_IOCTL_MAP', 'write', 't', 3, 4),
  gdsRead: request('NVIDIA/gds-nvidia-fs, src/nvfs-core.h', 'NVFS_IOCTL_READ', 'write', 't', 2, 4),
  gdsWrite: request('NVIDIA/gds-nvidia-fs, src/nvfs-core.h', 'NVFS_IOCTL_WRITE', 'write', 't', 4, 4),
} as const satisfies Readonly<Record<string, IoctlRequest>>;
