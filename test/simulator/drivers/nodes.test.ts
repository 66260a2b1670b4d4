import { describe, expect, it } from 'vitest';
import { formatIoctl, ioctlCode, requests } from '../../../simulator/drivers/ioctl.ts';
import { deviceNodes } from '../../../simulator/drivers/nodes.ts';
import { elaborate } from '../../accuracy/elaborate.ts';
import { copy, MiB, processOf, run, server } from './server.ts';

describe('requests of ioctl', () => {
  // As strace shows them: mYmNeo/blog, "NVIDIA IOCTL"; rocm and libdrm under strace in their issue trackers.
  it.each([
    ['NV_ESC_RM_ALLOC', '0xc020462b'],
    ['NV_ESC_RM_CONTROL', '0xc020462a'],
    ['NV_ESC_REGISTER_FD', '0xc00446c9'],
    ['DRM_IOCTL_PRIME_HANDLE_TO_FD', '0xc00c642d'],
    ['DRM_IOCTL_PRIME_FD_TO_HANDLE', '0xc00c642e'],
    ['DRM_IOCTL_MODE_ATOMIC', '0xc03864bc'],
    ['DRM_IOCTL_I915_GEM_EXECBUFFER2', '0x40406469'],
    ['DRM_IOCTL_AMDGPU_CS', '0xc0186444'],
    ['AMDKFD_IOC_CREATE_QUEUE', '0xc0584b02'],
    ['AMDKFD_IOC_ALLOC_MEMORY_OF_GPU', '0xc0284b16'],
    ['VFIO_DEVICE_GET_INFO', '0x00003b6b'],
    ['NVME_IOCTL_ADMIN_CMD', '0xc0484e41'],
    ['RDMA_VERBS_IOCTL', '0xc0181b01'],
    ['UVM_MIGRATE', '0x00000033'],
  ])('%s is %s', (name, code) => {
    const known = Object.values(requests).find((one) => one.name === name);
    expect(formatIoctl(known?.code ?? 0)).toBe(code);
  });

  it('refuse what does not fit into a word', () => {
    expect(() => ioctlCode('both', 'F', 256, 4)).toThrow(RangeError);
    expect(() => ioctlCode('both', 'F', 1, 1 << 14)).toThrow(RangeError);
  });
});

describe('device nodes', () => {
  it('are numbered among the devices of their driver', async () => {
    const { machine } = await elaborate(`machine m {
  socket cpu0 {
    root-port rp0 gen4 x16 { gpu mesa { driver nouveau } }
    root-port rp1 gen4 x16 { gpu cuda0 { driver nvidia-open } }
    root-port rp2 gen4 x16 { gpu cuda1 { driver nvidia } }
    root-port rp3 gen4 x16 { gpu passed { driver vfio-pci } }
    root-port rp4 gen4 x4 {
      nvme ssd0 {
        namespace a { size 1 GB }
        namespace b { size 1 GB }
      }
    }
    root-port rp5 gen3 x8 { fpga fpga0 { xdma h2c 2 c2h 1 } }
    root-port rp6 gen4 x16 { nic nic0 }
  }
}`);
    const paths = (label: string) => {
      const device = machine.components.find((one) => one.label === label);
      return deviceNodes(machine, device?.id ?? -1).map(({ path }) => path);
    };
    expect(paths('mesa')).toEqual(['/dev/dri/card0', '/dev/dri/renderD128']);
    expect(paths('cuda0')).toContain('/dev/nvidia0');
    expect(paths('cuda1')).toContain('/dev/nvidia1');
    expect(paths('cuda1')).toContain('/dev/dri/renderD130');
    expect(paths('passed')).toEqual(['/dev/vfio/<group>']);
    expect(paths('ssd0')).toEqual(['/dev/nvme0', '/dev/nvme0n1', '/dev/nvme0n2', '/dev/ng0n1']);
    expect(paths('fpga0')).toEqual([
      '/dev/xdma0_control',
      '/dev/xdma0_user',
      '/dev/xdma0_h2c_0',
      '/dev/xdma0_h2c_1',
      '/dev/xdma0_c2h_0',
    ]);
    expect(paths('nic0')).toEqual(['/dev/infiniband/uverbs0']);
  });

  it('stand in the trace beside the request, where the kernel takes one', () => {
    const asked = (driver: 'nvidia' | 'i915', cold: boolean) => {
      const machine = server({ gpu: { driver } });
      const { records = [] } = run(machine, {
        processes: [processOf(machine, 'gpu0', [[copy('h2d', MiB)]], { cold })],
      });
      return records.flatMap(({ args }) => (args?.request === undefined ? [] : [`${args.node}: ${args.request}`]));
    };
    expect(asked('nvidia', true)).toEqual(['/dev/nvidiactl: NV_ESC_RM_ALLOC 0xc020462b']);
    expect(asked('nvidia', false)).toEqual([]);
    expect(asked('i915', false)).toEqual(['/dev/dri/renderD128: DRM_IOCTL_I915_GEM_EXECBUFFER2 0x40406469']);
  });

  it('that a driver does not make keep a program from running', () => {
    const machine = server({ gpu: { driver: 'amdgpu' } });
    const result = (path: string) =>
      run(machine, { processes: [processOf(machine, 'gpu0', [[copy('h2d', MiB)]], { opens: [path] })] });
    expect(result('/dev/kfd').notSimulated).toEqual([]);
    expect(result('/dev/nvidia0').notSimulated[0]).toMatch(/is no node of .*\/dev\/kfd/);
  });
});
