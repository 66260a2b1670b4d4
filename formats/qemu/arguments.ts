import { UnreadableInput } from '../observed.ts';

/** One `-device` or `-object`: what it is, and its properties in order. */
export interface QemuOption {
  /** Line of the text, from 1. */
  readonly line: number;
  /** The driver of a device, the type of an object: `nvme`, `memory-backend-ram`. */
  readonly type: string;
  readonly properties: ReadonlyMap<string, string>;
}

/** Who configures the devices before the kernel. `linux`: nobody, so that the kernel does everything. */
export type QemuFirmware = 'seabios' | 'ovmf' | 'qboot' | 'linux';
const firmwares: readonly QemuFirmware[] = ['seabios', 'ovmf', 'qboot', 'linux'];

/** An arguments file: QEMU options for a q35, and directives about the boot around them. */
export interface QemuArguments {
  readonly devices: readonly QemuOption[];
  readonly objects: readonly QemuOption[];
  readonly firmware: QemuFirmware;
  /** Words for the kernel's command line. */
  readonly append: readonly string[];
  /** How many virtual functions a command in the guest enables, by the address of the physical one. */
  readonly enabledVfs: ReadonlyMap<string, number>;
  /** RAM of the machine. */
  readonly memoryBytes: number;
  /** Options of the IOMMU; null: there is none. */
  readonly iommu: string | null;
  readonly notes: readonly { readonly line: number; readonly message: string }[];
}

const defaultMemoryBytes = 2 ** 30;

/**
 * Reads an arguments file: QEMU options, any number a line, divided by blanks and without quotes; `#` begins a comment line,
 * `@` (or `# @`) a directive: `@firmware`, `@append`, `@memory`, `@iommu`, `@machine`, `@guest`. Options other than `-device`
 * and `-object` add no PCI functions and are left out with a note.
 *
 * @throws UnreadableInput where an option lacks its value, a property its name, or a directive is not known
 */
export function parseQemuArguments(text: string): QemuArguments {
  const devices: QemuOption[] = [];
  const objects: QemuOption[] = [];
  const append: string[] = [];
  const notes: { line: number; message: string }[] = [];
  const enabledVfs = new Map<string, number>();
  let firmware: QemuFirmware = 'seabios';
  let memoryBytes = defaultMemoryBytes;
  let iommu: string | null = '';
  for (const [index, whole] of text.split(/\r?\n/).entries()) {
    const line = index + 1;
    const content = whole.trim();
    const directive = /^(?:#\s*)?@(\w+)\s*(.*)$/.exec(content);
    if (directive !== null) {
      const [, name = '', value = ''] = directive;
      if (name === 'firmware') firmware = firmwareNamed(value, line);
      else if (name === 'append') append.push(...value.split(/\s+/).filter((word) => word !== ''));
      else if (name === 'memory') memoryBytes = sizeNamed(value, line);
      else if (name === 'iommu') iommu = value === 'none' ? null : value;
      else if (name === 'guest' && readEnabledVfs(value, enabledVfs)) continue;
      else if (name === 'machine' || name === 'guest') notes.push({ line, message: `@${name} is left out` });
      else if (!content.startsWith('#'))
        throw new UnreadableInput(
          `@${name} is no directive: firmware, append, memory, iommu, machine, guest are`,
          line,
        );
      continue;
    }
    if (content.startsWith('#')) continue;
    const words = content.split(/\s+/).filter((word) => word !== '');
    for (let at = 0; at < words.length; at++) {
      const word = words[at] ?? '';
      if (!word.startsWith('-')) {
        notes.push({ line, message: `${word} is left out` });
        continue;
      }
      const name = word.replace(/^--?/, '');
      const next = words[at + 1];
      const value = next !== undefined && !next.startsWith('-') ? next : undefined;
      if (value !== undefined) at++;
      if (name === 'device' || name === 'object') {
        if (value === undefined)
          throw new UnreadableInput(`-${name} needs a value, such as -${name} ${sample[name]}`, line);
        (name === 'device' ? devices : objects).push(readOption(value, line));
      } else if (name === 'm' && value !== undefined) {
        memoryBytes = sizeNamed(value.replace(/^size=/, '').split(',')[0] ?? '', line);
      } else {
        notes.push({ line, message: `-${name} is left out: it adds no PCI function that is modelled` });
      }
    }
  }
  return { devices, objects, firmware, append, enabledVfs, memoryBytes, iommu, notes };
}

/** `echo 4 > /sys/bus/pci/devices/0000:01:00.0/sriov_numvfs`; false for any other command. */
function readEnabledVfs(command: string, into: Map<string, number>): boolean {
  const match =
    /^echo\s+(\d+)\s*>\s*\/sys\/bus\/pci\/devices\/([\da-f]{4}:[\da-f]{2}:[\da-f]{2}\.[0-7])\/sriov_numvfs$/i.exec(
      command.trim(),
    );
  if (match === null) return false;
  into.set((match[2] ?? '').toLowerCase(), Number(match[1]));
  return true;
}

const sample = { device: 'pcie-root-port,id=rp0', object: 'memory-backend-ram,id=m0,size=256M' } as const;

function firmwareNamed(value: string, line: number): QemuFirmware {
  const found = firmwares.find((one) => one === value.trim());
  if (found === undefined)
    throw new UnreadableInput(`@firmware is one of ${firmwares.join(', ')}, not “${value}”`, line);
  return found;
}

function sizeNamed(value: string, line: number): number {
  const bytes = qemuSize(value.trim(), 2 ** 20);
  if (bytes === null) throw new UnreadableInput(`“${value}” is no size of memory such as 512M or 4G`, line);
  return bytes;
}

function readOption(value: string, line: number): QemuOption {
  const [type = '', ...rest] = value.split(',');
  if (type === '' || type.includes('=')) {
    const driver = rest.concat(type).find((one) => /^(driver|qom-type)=/.test(one));
    if (driver === undefined) throw new UnreadableInput(`“${value}” does not begin with a type`, line);
    const others = [type, ...rest].filter((one) => one !== driver && one !== '');
    return { line, type: driver.slice(driver.indexOf('=') + 1), properties: readProperties(others, line) };
  }
  return { line, type, properties: readProperties(rest, line) };
}

function readProperties(texts: readonly string[], line: number): Map<string, string> {
  const properties = new Map<string, string>();
  for (const text of texts) {
    const at = text.indexOf('=');
    const name = at < 0 ? text : text.slice(0, at);
    if (name === '') throw new UnreadableInput(`a property lacks its name: “${text}”`, line);
    properties.set(name, at < 0 ? 'on' : text.slice(at + 1));
  }
  return properties;
}

/** A size as QEMU reads it: a number with an optional suffix B, K, M, G, T, P of powers of 1024. Null: not one. */
export function qemuSize(text: string, plainUnitBytes = 1): number | null {
  const match = /^(0x[\da-f]+|\d+(?:\.\d+)?)([bkmgtp]?)(?:i?b)?$/i.exec(text);
  if (match === null) return null;
  const [, digits = '', suffix = ''] = match;
  const unit = suffix === '' ? plainUnitBytes : 1024 ** Math.max(0, 'bkmgtp'.indexOf(suffix.toLowerCase()));
  const bytes = Number(digits) * unit;
  return Number.isFinite(bytes) && bytes > 0 ? Math.round(bytes) : null;
}

/** `on`, `off` and their other names; `other` where absent or neither. */
export function qemuFlag({ properties }: QemuOption, name: string, other: boolean): boolean {
  const value = properties.get(name)?.toLowerCase();
  if (value === 'on' || value === 'yes' || value === 'true' || value === 'y') return true;
  if (value === 'off' || value === 'no' || value === 'false' || value === 'n') return false;
  return other;
}

/** A whole number, decimal or `0x…`; `other` where absent or none. */
export function qemuNumber({ properties }: QemuOption, name: string, other: number): number {
  const value = Number(properties.get(name) ?? Number.NaN);
  return Number.isInteger(value) ? value : other;
}
