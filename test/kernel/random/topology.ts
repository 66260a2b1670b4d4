import type { QemuFirmware } from '../../../formats/qemu/arguments.ts';
import { nvmeVirtualFunctions } from '../../../formats/qemu/device-options.ts';
import { qemuMachine } from '../../../formats/qemu/machine.ts';
import { plainDevices } from '../../../formats/qemu/plain-devices.ts';
import { discoverTopology, type PciBus } from '../../../model/discovery/topology.ts';
import { RandomNumbers } from './numbers.ts';

/** What a family of topologies is about; each seed belongs to one. */
interface Taste {
  readonly rootPorts: readonly [number, number];
  readonly depth: number;
  readonly switchChance: number;
  readonly hotplugChance: number;
  readonly emptyChance: number;
  readonly acsChance: number;
  readonly multifunctionChance: number;
  readonly sriovChance: number;
  readonly conventionalChance: number;
  readonly integratedChance: number;
  readonly expanderChance: number;
  /** Largest prefetchable BAR. */
  readonly largestBytes: number;
  /** How many devices are among those that fill the windows. */
  readonly heavyChance: number;
  readonly devices: number;
}

const mebibyte = 2 ** 20;
const gibibyte = 2 ** 30;

/** From this seed on topologies are also of the rarer devices, of words about resources and of virtual functions in use. */
export const firstWideSeed = 501;

/** A random topology as an arguments file: the same for the same seed and firmware. */
export function randomTopology(seed: number, firmware: QemuFirmware): string {
  const grown = new Growing(seed, firmware).grow();
  const random = new RandomNumbers(~seed);
  const redir = random.chance(0.3) ? [`disable_acs_redir=${somePorts(grown, random).join(';')}`] : [];
  const words = [...redir, ...(seed < firstWideSeed ? [] : aboutResources(random))];
  const text = words.length === 0 ? grown : `${grown}@append pci=${words.join(',')}\n`;
  return seed < firstWideSeed ? text : `${text}${virtualFunctionsInUse(text, firmware, random)}`;
}

/** Words of `pci=` about reserves, bus numbers and another try. */
function aboutResources(random: RandomNumbers): string[] {
  const words: string[] = [];
  const some = (word: string) => {
    if (random.chance(0.2)) words.push(word);
  };
  some(`realloc=${random.pick(['on', 'off'])}`);
  some(`hpiosize=${random.pick(['0', '512', '4K', '8K'])}`);
  some(`hpmmiosize=${random.pick(['0', '1M', '16M', '0x1800000'])}`);
  some(`hpmmioprefsize=${random.pick(['0', '64M', '1G'])}`);
  some(`hpmemsize=${random.pick(['4M', '3M'])}`);
  some(`hpbussize=${random.whole(2, 9)}`);
  some(random.pick(['pcie_bus_safe', 'pcie_bus_perf', 'pcie_bus_peer2peer']));
  return words;
}

/**
 * Commands in the guest that enable virtual functions of some controllers: of those that are alone at their device number,
 * below a port with hot-plug (limits.ts).
 */
function virtualFunctionsInUse(text: string, firmware: QemuFirmware, random: RandomNumbers): string {
  const profile = firmware === 'seabios' ? 'seabios' : firmware === 'ovmf' ? 'edk2' : 'linux';
  const { functions } = discoverTopology(qemuMachine(text), profile);
  return functions
    .filter(
      ({ sriov, device, bus }) =>
        sriov !== null &&
        random.chance(0.7) &&
        bus.bridge?.hotplug === true &&
        bus.functions.filter((other) => other.device === device).length === 1,
    )
    .map(({ address, sriov }) => {
      const count = random.whole(1, sriov?.totalVfs ?? 1);
      return `@guest echo ${count} > /sys/bus/pci/devices/${address}/sriov_numvfs\n`;
    })
    .join('');
}

/** Ports as the kernel's command line names them: by address, by the path down from a root port, or by IDs. */
function somePorts(text: string, random: RandomNumbers): string[] {
  const { hosts } = discoverTopology(qemuMachine(text));
  const found: string[] = [];
  const visit = (bus: PciBus, path: string) => {
    for (const fn of bus.functions) {
      const step = `${hex(fn.device)}.${fn.fn}`;
      const here = path === '' ? fn.address : `${path}/${step}`;
      if (fn.isPort && random.chance(0.3)) found.push(random.chance(0.5) ? fn.address : here);
      if (fn.below !== null) visit(fn.below, here);
    }
  };
  for (const { root } of hosts) visit(root, '');
  return found.length === 0 || random.chance(0.1) ? ['pci:1b36:000c'] : found;
}

class Growing {
  readonly #random: RandomNumbers;
  readonly #firmware: QemuFirmware;
  readonly #taste: Taste;
  readonly #lines: string[] = [];
  readonly #seed: number;
  readonly #isWide: boolean;
  #count = 0;
  #left: number;

  constructor(seed: number, firmware: QemuFirmware) {
    this.#seed = seed;
    this.#firmware = firmware;
    this.#random = new RandomNumbers(seed);
    this.#taste = taste(this.#random, firmware, seed >= firstWideSeed);
    this.#isWide = seed >= firstWideSeed;
    this.#left = this.#taste.devices;
  }

  grow(): string {
    const random = this.#random;
    const free = Array.from({ length: 29 }, (_, index) => index + 1);
    this.#root('pcie.0', free, random.whole(...this.#taste.rootPorts));
    // A further host bridge begins at bus 64, which the first must not need itself.
    const hasRoom = this.#lines.filter((line) => bridgeLine.test(line)).length < 60;
    if (random.chance(this.#taste.expanderChance) && hasRoom) {
      const expanders = random.whole(1, 2);
      for (let index = 0; index < expanders; index++) {
        const id = this.#id('pxb');
        this.#device(`pxb-pcie,id=${id},bus=pcie.0,addr=${hex(this.#take(free))}.0,bus_nr=${64 * (index + 1)}`);
        this.#root(
          id,
          Array.from({ length: 31 }, (_, device) => device),
          random.whole(1, 2),
        );
      }
    }
    const memory = random.pick(['1G', '1G', '512M', '3G']);
    const devices = withOneBalloon(withoutScsiBesideBridges(this.#lines));
    const text = [`# seed ${this.#seed}`, `@firmware ${this.#firmware}`, `@memory ${memory}`, ...devices];
    return `${text.join('\n')}\n`;
  }

  /** Ports and integrated endpoints on a root bus. */
  #root(bus: string, free: number[], ports: number): void {
    const random = this.#random;
    for (let made = 0; made < ports; ) {
      const device = this.#take(free);
      const functions = random.chance(this.#taste.multifunctionChance) ? random.whole(2, 4) : 1;
      for (let fn = 0; fn < functions && (made < ports || fn === 0); fn++, made++) {
        this.#port(bus, at(device, fn, functions), 0, random.chance(0.15) ? 'ioh3420' : 'pcie-root-port');
      }
    }
    // QEMU takes bridges alone on the root bus of a pxb-pcie.
    if (bus !== 'pcie.0') return;
    while (random.chance(this.#taste.integratedChance)) this.#endpoint(bus, this.#take(free), true);
    if (random.chance(this.#taste.conventionalChance)) this.#bridge(bus, at(this.#take(free), 0, 1));
  }

  #port(bus: string, where: string, depth: number, type: string): void {
    const random = this.#random;
    const id = this.#id(type === 'xio3130-downstream' ? 'dp' : 'rp');
    const hotplug = random.chance(this.#taste.hotplugChance) ? '' : ',hotplug=off';
    const acs = type === 'pcie-root-port' && !random.chance(this.#taste.acsChance) ? ',disable-acs=on' : '';
    this.#device(`${type},id=${id},bus=${bus},${where},chassis=1,slot=${this.#count}${hotplug}${acs}`);
    if (this.#left <= 0 || random.chance(this.#taste.emptyChance)) return;
    if (depth < this.#taste.depth && random.chance(this.#taste.switchChance)) this.#switch(id, depth + 1);
    else if (random.chance(this.#taste.conventionalChance / 3)) this.#bridge(id, at(0, 0, 1));
    else this.#endpoint(id, 0, false);
  }

  #switch(bus: string, depth: number): void {
    const random = this.#random;
    const id = this.#id('up');
    const beside = random.chance(this.#taste.multifunctionChance / 2);
    this.#device(`x3130-upstream,id=${id},bus=${bus},${at(0, 0, beside ? 2 : 1)}`);
    if (beside) this.#function(bus, at(0, 1, 2), false);
    const free = Array.from({ length: 32 }, (_, device) => device);
    const ports = random.whole(1, 5);
    for (let made = 0; made < ports; ) {
      const device = random.chance(0.2) ? this.#take(free) : (free.shift() ?? 0);
      const functions = random.chance(this.#taste.multifunctionChance / 2) ? 2 : 1;
      for (let fn = 0; fn < functions && (made < ports || fn === 0); fn++, made++) {
        const type = random.chance(this.#taste.acsChance) ? 'pcie-root-port' : 'xio3130-downstream';
        this.#port(id, at(device, fn, functions), depth, type);
      }
    }
  }

  /** A bridge to conventional PCI with a few devices, perhaps another bridge. */
  #bridge(bus: string, where: string, nested = false): void {
    const random = this.#random;
    const id = this.#id('br');
    this.#device(`${this.#bridgeType(bus, nested)},id=${id},bus=${bus},${where}`);
    const devices = random.whole(0, 3);
    for (let device = 1; device <= devices; device++) this.#function(id, at(device, 0, 1), true);
    if (!nested && random.chance(0.3)) this.#bridge(id, at(devices + 1, 0, 1), true);
  }

  #bridgeType(bus: string, nested: boolean): string {
    if (nested) {
      const plain = this.#isWide && this.#random.chance(0.3) ? ',shpc=off' : '';
      return `pci-bridge,chassis_nr=${this.#count}${plain}`;
    }
    return this.#isWide && bus === 'pcie.0' && this.#random.chance(0.5) ? 'i82801b11-bridge' : 'pcie-pci-bridge';
  }

  /** One device, with several functions perhaps. */
  #endpoint(bus: string, device: number, integrated: boolean): void {
    const functions = this.#random.chance(this.#taste.multifunctionChance) ? this.#random.whole(2, 4) : 1;
    const virtual = !integrated && this.#random.chance(this.#taste.sriovChance);
    // No third function beside a controller with SR-IOV is found, and under OVMF none at all may be there (limits.ts).
    const most = virtual ? Math.min(functions, this.#firmware === 'ovmf' ? 1 : 2) : functions;
    for (let fn = 0; fn < most; fn++) {
      if (fn === 0 && virtual) this.#virtualFunctions(bus, at(device, fn, most));
      else this.#function(bus, at(device, fn, most), false);
    }
  }

  /** An NVMe controller with SR-IOV. */
  #virtualFunctions(bus: string, where: string): void {
    const id = this.#id('sub');
    this.#left--;
    this.#device(`nvme-subsys,id=${id},nqn=${id}`);
    const vfs = nvmeVirtualFunctions(this.#random.whole(1, 20)).map(([name, value]) => `${name}=${value}`);
    this.#device(`nvme,id=${this.#id('d')},bus=${bus},${where},serial=${id},subsys=${id},${vfs.join(',')}`);
  }

  #function(bus: string, where: string, conventional: boolean): void {
    const random = this.#random;
    this.#left--;
    const place = `id=${this.#id('d')},bus=${bus},${where}`;
    const picked = random.pick(
      random.chance(this.#taste.heavyChance)
        ? heavyDevices
        : this.#isWide && random.chance(0.5)
          ? rareDevices
          : conventional
            ? conventionalDevices
            : [...conventionalDevices, ...expressDevices, ...expressDevices],
    );
    // The BAR of QEMU's pvpanic-pci is none to OVMF (limits.ts).
    const make = this.#firmware === 'ovmf' && picked === panic ? plain('edu') : picked;
    const largest = this.#taste.largestBytes;
    const [type, ...properties] = make(random, largest, (bytes) => this.#memory(bytes));
    this.#device([type, place, ...properties].join(','));
  }

  #memory(bytes: number): string {
    const id = this.#id('m');
    this.#lines.push(`-object memory-backend-ram,id=${id},size=${bytes},share=on,reserve=off`);
    return id;
  }

  #device(text: string): void {
    this.#lines.push(`-device ${text}`);
  }

  #id(prefix: string): string {
    return `${prefix}${this.#count++}`;
  }

  #take(free: number[]): number {
    const index = this.#random.whole(0, free.length - 1);
    return free.splice(index, 1)[0] ?? 0;
  }
}

/** Puts something else where QEMU's lsi53c895a stands beside a bridge: that crashes QEMU (limits.ts). */
function withoutScsiBesideBridges(lines: readonly string[]): string[] {
  const busOf = (line: string) => /,bus=([^,]+)/.exec(line)?.[1] ?? '';
  const bridged = new Set(lines.filter((line) => /^-device (pci-bridge|x3130-upstream),/.test(line)).map(busOf));
  return lines.map((line) =>
    line.startsWith('-device lsi53c895a,') && bridged.has(busOf(line)) ? line.replace('lsi53c895a', 'sdhci-pci') : line,
  );
}

/** QEMU takes one balloon a machine. */
function withOneBalloon(lines: readonly string[]): string[] {
  let has = false;
  return lines.map((line) => {
    if (!line.startsWith('-device virtio-balloon-pci')) return line;
    const kept = has ? line.replace('virtio-balloon', 'virtio-rng') : line;
    has = true;
    return kept;
  });
}

const bridgeLine =
  /^-device (pcie-root-port|ioh3420|x3130-upstream|xio3130-downstream|pcie-pci-bridge|pci-bridge|i82801b11)/;

const hex = (value: number): string => value.toString(16);
const at = (device: number, fn: number, functions: number): string =>
  `addr=${hex(device)}.${fn}${functions > 1 ? ',multifunction=on' : ''}`;

/** Type and properties of a device, by its sizes. */
type Make = (random: RandomNumbers, largestBytes: number, memory: (bytes: number) => string) => string[];

const plain =
  (type: string): Make =>
  () => [type];
const withRom =
  (type: string): Make =>
  (random) =>
    random.chance(0.4) ? [type, 'romfile='] : [type];

/** Devices with something behind them, which has to be made first. */
const needsMore = /^(pci-serial|pci-ipmi|acpi-erst)/;

const panic = plain('pvpanic-pci');

const conventionalDevices: readonly Make[] = [
  plain('edu'),
  panic,
  plain('sdhci-pci'),
  plain('lsi53c895a'),
  plain('mptsas1068'),
  plain('megasas'),
  withRom('e1000'),
  withRom('rtl8139'),
  withRom('i82559er'),
  plain('usb-ehci'),
  plain('ich9-ahci'),
  plain('virtio-rng-pci'),
  withRom('virtio-net-pci'),
  plain('virtio-scsi-pci'),
  (random) => ['secondary-vga', `vgamem_mb=${random.power(1, 256)}`],
  (random) => ['bochs-display', `vgamem=${random.power(4, 256)}M`, ...(random.chance(0.5) ? ['romfile='] : [])],
  (random) => [
    'qxl',
    'vgamem_mb=8',
    `ram_size_mb=${random.power(16, 256)}`,
    `vram_size_mb=${random.power(1, 64)}`,
    `vram64_size_mb=${random.power(64, 512)}`,
  ],
  (random, largest) => ['pci-testdev', `membar=${random.power(mebibyte, largest) / mebibyte}M`],
  (random, largest) => ['pci-testdev', `membar=${random.power(4096, largest)}`],
  (random, largest, memory) => [
    'ivshmem-plain',
    `memdev=${memory(random.power(mebibyte, Math.min(largest, gibibyte)))}`,
  ],
];

const expressDevices: readonly Make[] = [
  (_, __, memory) => ['nvme', `serial=${memory.length}`],
  (random) => ['nvme', 'serial=b', `cmb_size_mb=${random.power(1, 512)}`],
  (random, largest, memory) => [
    'nvme',
    'serial=c',
    `cmb_size_mb=${random.power(1, 64)}`,
    `pmrdev=${memory(random.power(mebibyte, Math.min(largest, 4 * gibibyte)))}`,
  ],
  (random) => ['nvme', 'serial=d', `max_ioqpairs=${random.whole(1, 512)}`, `msix_qsize=${random.whole(1, 2048)}`],
  withRom('e1000e'),
  withRom('vmxnet3'),
  plain('qemu-xhci'),
  plain('nec-usb-xhci'),
  plain('megasas-gen2'),
  plain('pvscsi'),
];

/** Devices that few machines have: every one that QEMU makes without anything behind it. */
const rareDevices: readonly Make[] = [
  ...[...plainDevices]
    .filter(([name]) => !needsMore.test(name))
    .map(([name, { bars }]) => (bars.some((bar) => bar.startsWith('rom')) ? withRom(name) : plain(name))),
  ...['net', 'serial', 'rng', 'balloon', 'scsi'].flatMap((name) => [
    plain(`virtio-${name}-pci-transitional`),
    plain(`virtio-${name}-pci-non-transitional`),
    () => [`virtio-${name}-pci`, 'disable-legacy=off'],
    () => [`virtio-${name}-pci`, 'disable-legacy=on'],
  ]),
  ...['gpu', 'keyboard', 'mouse', 'tablet'].map((name) => plain(`virtio-${name}-pci`)),
];

/** What fills the windows of a host bridge, so that something finds no place. */
const heavyDevices: readonly Make[] = [
  (random) => ['pci-testdev', `membar=${random.power(2 * gibibyte, 32 * gibibyte)}`],
  (random) => [
    'qxl',
    'vgamem_mb=8',
    `ram_size_mb=${random.power(256, 1024)}`,
    `vram_size_mb=${random.power(64, 512)}`,
    'vram64_size_mb=0',
  ],
  (random) => ['secondary-vga', `vgamem_mb=${random.power(128, 256)}`],
  (_, __, memory) => ['ivshmem-plain', `memdev=${memory(4 * gibibyte)}`],
];

function taste(random: RandomNumbers, firmware: QemuFirmware, isWide: boolean): Taste {
  const some = (probability: number, value: number) => (random.chance(probability) ? value : 0);
  return {
    rootPorts: random.pick([
      [1, 2],
      [1, 4],
      [3, 8],
    ]),
    depth: random.whole(0, isWide ? 4 : 3),
    switchChance: random.pick([0.2, 0.5, 0.8]),
    hotplugChance: random.pick([0, 0, 0.3, 1]),
    emptyChance: random.pick([0, 0.2, 0.5]),
    acsChance: random.pick([0, 0.5, 1]),
    multifunctionChance: random.pick([0, 0.2, 0.5]),
    sriovChance: random.pick([0, 0, 0.3]),
    conventionalChance: some(0.4, 0.4),
    integratedChance: some(0.5, 0.5),
    // qboot looks at the first root bus only, so that what is behind others is not found.
    expanderChance: firmware === 'linux' || firmware === 'qboot' ? 0 : some(0.3, 1),
    largestBytes: random.pick([64 * mebibyte, gibibyte, 16 * gibibyte, 64 * gibibyte]),
    heavyChance: some(0.5, random.pick([0.2, 0.6])),
    devices: random.pick([4, 12, 30]),
  };
}
