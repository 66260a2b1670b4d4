import { type ObservedFunction, type ObservedMachine, type ObservedNote, UnreadableInput } from '../observed.ts';
import { formatAddress, normaliseAddress, parseAddress } from '../pci/address.ts';

/**
 * Reads what `udevadm info --export-db` prints: a record for every device with its path in sysfs (`P:`) and its properties
 * (`E:`); see udevadm(8). The path says what hangs below what; links, payload sizes and BARs are not in it.
 * Throws UnreadableInput where there is no such record, or none of a PCI function.
 */
export function readUdevadm(text: string): ObservedMachine {
  const reader = new UdevReader();
  let number = 0;
  for (const line of text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/)) reader.take(line, ++number);
  return reader.finish();
}

interface OpenRecord {
  readonly line: number;
  readonly path: string;
  readonly properties: Map<string, string>;
}

/** `/devices/pci0000:00/0000:00:1c.0/0000:01:00.0/net/eth0`: PCI functions from the root bus down, then what they make. */
const rootBus = /^pci[0-9a-f]{4,8}:[0-9a-f]{2}$/;
const pciFunction = /^[0-9a-f]{4,8}:[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]$/;

/** Subsystems whose devices have names that people know, and no partitions or queues below them. */
const namingSubsystems: ReadonlySet<string> = new Set(['net', 'block', 'nvme', 'infiniband', 'drm', 'cxl']);

class UdevReader {
  readonly #functions = new Map<string, ObservedFunction>();
  readonly #names = new Map<string, string[]>();
  readonly #notes: ObservedNote[] = [];
  #open: OpenRecord | null = null;
  #records = 0;
  #ignored = 0;
  #firstIgnored: number | null = null;
  #machineName: string | undefined;

  take(line: string, number: number): void {
    if (line.trim() === '') {
      this.#close();
      return;
    }
    const found = /^([A-Z]): ?(.*)$/.exec(line.trimStart());
    if (found === null) {
      this.#ignored++;
      this.#firstIgnored ??= number;
      return;
    }
    const [, letter = '', value = ''] = found;
    if (letter === 'P') {
      this.#close();
      this.#records++;
      this.#open = { line: number, path: value.trim(), properties: new Map() };
    } else if (this.#open === null) {
      this.#ignored++;
      this.#firstIgnored ??= number;
    } else if (letter === 'E') {
      const at = value.indexOf('=');
      if (at > 0) this.#open.properties.set(value.slice(0, at), value.slice(at + 1));
    }
  }

  finish(): ObservedMachine {
    this.#close();
    if (this.#records === 0) {
      throw new UnreadableInput(
        'This is nothing that udevadm exports: expected records that open with `P: /devices/…`.',
        1,
      );
    }
    if (this.#functions.size === 0) {
      throw new UnreadableInput(
        'No PCI function is in it; `udevadm info --export-db` on the machine itself shows them.',
      );
    }
    if (this.#ignored > 0) {
      this.#notes.push({
        line: this.#firstIgnored,
        subject: null,
        message: `${this.#ignored} lines that udevadm does not print were left out`,
      });
    }
    const functions = [...this.#functions.values()].map((fn): ObservedFunction => {
      const names = this.#names.get(fn.address);
      return names === undefined ? fn : { ...fn, names };
    });
    return {
      formats: ['udevadm'],
      ...(this.#machineName === undefined ? {} : { name: this.#machineName }),
      functions,
      nodes: [],
      connections: [],
      distances: [],
      linux: {},
      notes: this.#notes,
    };
  }

  #close(): void {
    const record = this.#open;
    this.#open = null;
    if (record === null) return;
    if (record.path === '/devices/virtual/dmi/id') {
      this.#machineName = record.properties.get('ID_MODEL');
      return;
    }
    const segments = record.path.split('/').filter((segment) => segment !== '' && segment !== 'devices');
    const last = segments.findLastIndex((segment) => pciFunction.test(segment));
    const segment = segments[last];
    if (segment === undefined) return;
    const address = normaliseAddress(segment);
    if (address === null) return;
    if (last === segments.length - 1) this.#addFunction(record, address, segments.slice(0, last));
    else this.#addName(record, address, segments.slice(last + 1));
  }

  #addFunction(record: OpenRecord, address: string, above: readonly string[]): void {
    const { properties } = record;
    const subsystem = properties.get('SUBSYSTEM');
    if (subsystem !== undefined && subsystem !== 'pci') return;
    if (this.#functions.has(address)) {
      this.#notes.push({ line: record.line, subject: address, message: 'it stands twice: the first one counts' });
      return;
    }
    const slot = properties.get('PCI_SLOT_NAME');
    const named = slot === undefined ? null : parseAddress(slot);
    if (slot !== undefined && (named === null || formatAddress(named) !== address)) {
      this.#notes.push({
        line: record.line,
        subject: address,
        message: `its path and PCI_SLOT_NAME=${slot} are of different functions: the path counts`,
      });
    }
    // A root bus below a function (Intel VMD) begins a hierarchy of its own.
    const parent = above.at(-1);
    const isOnRootBus = parent === undefined || rootBus.test(parent) || !pciFunction.test(parent);
    this.#functions.set(address, {
      address,
      parent: isOnRootBus ? null : normaliseAddress(parent),
      ...identityOf(properties),
      ...wordsOf(properties),
    });
  }

  /** The names of network, block, InfiniBand and DRM devices; a device below a device has a name of its own. */
  #addName(record: OpenRecord, address: string, below: readonly string[]): void {
    const { properties } = record;
    const subsystem = properties.get('SUBSYSTEM') ?? '';
    if (!namingSubsystems.has(subsystem) || properties.get('DEVTYPE') === 'partition') return;
    const name = properties.get('INTERFACE') ?? below.at(-1);
    // Connectors and render nodes of a graphics card, and hardware-independent paths of NVMe, are no names of it.
    if (name === undefined || !/^[A-Za-z][\w.-]*$/.test(name) || /^(?:card\d+-|renderD|nvme-subsys)/.test(name)) return;
    const names = this.#names.get(address) ?? [];
    if (!names.includes(name)) names.push(name);
    this.#names.set(address, names);
  }
}

/** `PCI_CLASS=30200` (24 bits without leading zeros), `PCI_ID=10DE:20B0`, `PCI_SUBSYS_ID=10DE:144E`. */
function identityOf(properties: ReadonlyMap<string, string>): Partial<ObservedFunction> {
  const id = pairOf(properties.get('PCI_ID'));
  const subsystem = pairOf(properties.get('PCI_SUBSYS_ID'));
  const classText = properties.get('PCI_CLASS') ?? '';
  return {
    ...(/^[0-9a-f]{1,6}$/i.test(classText)
      ? { classCode: Number.parseInt(classText, 16), isInterfaceKnown: true }
      : {}),
    ...(id === null ? {} : { vendorId: id[0], deviceId: id[1] }),
    ...(subsystem === null || subsystem[0] === 0
      ? {}
      : { subsystemVendorId: subsystem[0], subsystemDeviceId: subsystem[1] }),
  };
}

function pairOf(text: string | undefined): readonly [number, number] | null {
  const found = /^([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(text ?? '');
  return found === null ? null : [Number.parseInt(found[1] ?? '', 16), Number.parseInt(found[2] ?? '', 16)];
}

function wordsOf(properties: ReadonlyMap<string, string>): Partial<ObservedFunction> {
  const driver = properties.get('DRIVER');
  const vendorName = properties.get('ID_VENDOR_FROM_DATABASE');
  const deviceName = properties.get('ID_MODEL_FROM_DATABASE');
  return {
    ...(driver === undefined || driver === '' ? {} : { driver }),
    ...(vendorName === undefined ? {} : { vendorName }),
    ...(deviceName === undefined ? {} : { deviceName }),
  };
}
