import type { QemuFirmware } from '../../formats/qemu/arguments.ts';
import { discoverTopology, type PciFunction } from '../../model/discovery/topology.ts';
import type { Machine } from '../../model/machine.ts';

/** Something that QEMU or its firmware does unlike any machine, so that a boot does not show the kernel's rules. */
export interface Limit {
  readonly name: string;
  readonly why: string;
  /** True for a machine that meets it; random topologies keep clear of such. */
  readonly isMet: (machine: Machine, firmware: QemuFirmware) => boolean;
  /** A topology that meets it. */
  readonly example: string;
  /**
   * What a boot of the example shows: functions that the kernel does not find, other addresses, a kernel that does not
   * come to its end, or the end of QEMU itself.
   */
  readonly shows: 'lost-functions' | 'addresses' | 'no-end' | 'crash';
}

export const limits: readonly Limit[] = [
  {
    name: 'next function of an SR-IOV controller',
    why: 'The ARI capability of nvme always names function 1 as the next; the functions behind it have none, so that the kernel looks no further (QEMU 7.2, hw/nvme/ctrl.c, nvme_init_sriov).',
    isMet: (machine) =>
      discoverTopology(machine).functions.some(
        ({ sriov, fn, device, bus }) =>
          sriov !== null &&
          fn === 0 &&
          bus.bridge?.isPort === true &&
          bus.functions.filter((other) => other.device === device).length > 2,
      ),
    example: [
      '@firmware linux',
      '-device pcie-root-port,id=rp',
      '-device nvme-subsys,id=s,nqn=s',
      '-device nvme,id=n,bus=rp,addr=0.0,multifunction=on,serial=n,subsys=s,sriov_max_vfs=1,sriov_vq_flexible=2,sriov_vi_flexible=1,max_ioqpairs=4,msix_qsize=2',
      '-device edu,bus=rp,addr=0.1,multifunction=on',
      '-device edu,bus=rp,addr=0.2,multifunction=on',
    ].join('\n'),
    shows: 'lost-functions',
  },
  {
    name: 'root buses behind the first under qboot',
    why: 'qboot configures the first root bus only, and QEMU forwards configuration cycles below another only where its bridges were numbered before; ACPI lists no windows for it.',
    isMet: (machine, firmware) =>
      (firmware === 'linux' || firmware === 'qboot') && discoverTopology(machine).hosts.length > 1,
    example: [
      '@firmware linux',
      '-device pxb-pcie,id=px,bus_nr=64',
      '-device pcie-root-port,id=rp,bus=px',
      '-device edu,bus=rp',
    ].join('\n'),
    shows: 'lost-functions',
  },
  {
    name: 'lsi53c895a beside a bridge',
    why: 'It keeps an address space of its own on the I/O of its bus. A bridge beside it frees and makes anew its windows there with every write, so that QEMU goes on with memory that is freed, and crashes now and then (QEMU 7.2: hw/scsi/lsi53c895a.c, lsi_scsi_realize; hw/pci/pci_bridge.c, pci_bridge_update_mappings).',
    isMet: (machine) =>
      discoverTopology(machine).functions.some(
        ({ vendorId, deviceId, bus }) =>
          vendorId === 0x1000 &&
          deviceId === 0x0012 &&
          bus.bridge !== null &&
          bus.functions.some((other) => other.isBridge),
      ),
    example: [
      '@firmware linux',
      '-device pcie-root-port,id=rp',
      '-device pcie-pci-bridge,id=br,bus=rp',
      '-device lsi53c895a,bus=br,addr=1.0',
      '-device pci-bridge,chassis_nr=1,bus=br,addr=2.0',
    ].join('\n'),
    shows: 'crash',
  },
  {
    name: 'functions beside an SR-IOV controller under OVMF',
    why: 'OVMF stops numbering buses at a device whose function 0 is an nvme with SR-IOV and which has another function without; the bridges behind have no bus numbers then, and the kernel, which takes one for the other, runs out of stack (OVMF 2022.11).',
    isMet: (machine, firmware) =>
      firmware === 'ovmf' &&
      discoverTopology(machine).functions.some(
        ({ sriov, device, bus }) =>
          sriov !== null && bus.functions.filter((other) => other.device === device).length > 1,
      ),
    example: [
      '@firmware ovmf',
      '-device pcie-root-port,id=rp,addr=2.0,chassis=1,slot=1',
      '-device nvme-subsys,id=s,nqn=s',
      '-device nvme,id=n,bus=rp,addr=0.0,multifunction=on,serial=n,subsys=s,sriov_max_vfs=1,sriov_vq_flexible=2,sriov_vi_flexible=1,max_ioqpairs=4,msix_qsize=2',
      '-device edu,bus=rp,addr=0.1,multifunction=on',
      '-device pcie-root-port,id=rp2,addr=3.0,chassis=1,slot=2',
      '-device edu,bus=rp2',
    ].join('\n'),
    shows: 'no-end',
  },
  {
    name: 'pvpanic-pci under OVMF',
    why: 'QEMU makes its BAR of 2 bytes, so that the bits which tell the type of a BAR read as ones when it is sized: a reserved type to edk2, which leaves the BAR alone (QEMU 7.2, hw/misc/pvpanic-pci.c; edk2, PciEnumeratorSupport.c, PciParseBar).',
    isMet: (machine, firmware) =>
      firmware === 'ovmf' &&
      discoverTopology(machine).functions.some(({ vendorId, deviceId }) => vendorId === 0x1b36 && deviceId === 0x0011),
    example: ['@firmware ovmf', '-device pvpanic-pci,addr=5.0', '-device sdhci-pci,addr=6.0'].join('\n'),
    shows: 'addresses',
  },
  {
    name: 'virtual functions below ports without hot-plug',
    why: 'QEMU makes a virtual function when it is enabled, as if it were plugged in, which a port below another refuses where both are without hot-plug; the kernel reads all ones where it should be, and gives up (QEMU 7.2, hw/pci/pcie.c, pcie_cap_slot_pre_plug_cb).',
    isMet: (machine) =>
      discoverTopology(machine).functions.some(({ sriov, bus }) => {
        if ((sriov?.enabledVfs ?? 0) === 0 || bus.bridge === null) return false;
        const ports: PciFunction[] = [];
        for (let above: PciFunction | null = bus.bridge; above !== null; above = above.bus.bridge)
          if (above.isPort) ports.push(above);
        return ports[0]?.hotplug === false && ports.filter((port) => !port.hotplug).length > 1;
      }),
    example: [
      '@firmware linux',
      '@guest echo 2 > /sys/bus/pci/devices/0000:03:00.0/sriov_numvfs',
      '-device pcie-root-port,id=rp,addr=2.0,hotplug=off,chassis=1,slot=1',
      '-device x3130-upstream,id=up,bus=rp',
      '-device xio3130-downstream,id=dp,bus=up,hotplug=off,chassis=1,slot=2',
      '-device nvme-subsys,id=s,nqn=s',
      '-device nvme,id=n,bus=dp,serial=n,subsys=s,sriov_max_vfs=4,sriov_vq_flexible=8,sriov_vi_flexible=4,max_ioqpairs=10,msix_qsize=5',
    ].join('\n'),
    shows: 'lost-functions',
  },
  {
    name: 'a physical function where the first virtual one is to be',
    why: 'First VF Offset of nvme is 1 whatever stands beside it, so that the next function of the device and the first virtual one have one address (QEMU 7.2, hw/nvme/ctrl.c, nvme_init_sriov), over which the kernel falls (BUG_ON in pci_iov_add_virtfn).',
    isMet: (machine) =>
      discoverTopology(machine).functions.some(
        ({ sriov, bus, device, fn }) =>
          (sriov?.enabledVfs ?? 0) > 0 &&
          bus.functions.some((other) => other.device === device && other.fn === fn + (sriov?.vfOffset ?? 0)),
      ),
    example: [
      '@firmware linux',
      '@guest echo 1 > /sys/bus/pci/devices/0000:01:00.0/sriov_numvfs',
      '-device pcie-root-port,id=rp',
      '-device nvme-subsys,id=s,nqn=s',
      '-device nvme,id=n,bus=rp,addr=0.0,multifunction=on,serial=n,subsys=s,sriov_max_vfs=2,sriov_vq_flexible=4,sriov_vi_flexible=2,max_ioqpairs=6,msix_qsize=3',
      '-device edu,bus=rp,addr=0.1,multifunction=on',
    ].join('\n'),
    shows: 'no-end',
  },
];
