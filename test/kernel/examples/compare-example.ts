import { gunzipSync } from 'node:zlib';
import type { ObservedFunction } from '../../../formats/observed.ts';
import { parseQemuArguments, type QemuFirmware } from '../../../formats/qemu/arguments.ts';
import { type QemuLoss, writeQemuArguments } from '../../../formats/qemu/write.ts';
import { readSysfs } from '../../../formats/sysfs/read.ts';
import { readTar } from '../../../formats/sysfs/tar.ts';
import { discoverTopology, type PciFunction } from '../../../model/discovery/topology.ts';
import { effectiveAcs } from '../../../model/isolation/acs.ts';
import { iommuGroups } from '../../../model/isolation/groups.ts';
import { componentAt, type Machine } from '../../../model/machine.ts';
import { boot } from '../boot/boot.ts';
import type { BootReport } from '../boot/report.ts';
import { compare, type Difference } from '../compare.ts';
import { optionsOf } from '../random/compare-random.ts';

/** Something that the kernel shows otherwise than the design says it. */
export interface Departure {
  readonly about: QemuLoss['about'] | 'tree' | 'group';
  readonly name: string;
  readonly design: string;
  readonly kernel: string;
}

export interface ExampleResult {
  readonly firmware: QemuFirmware;
  readonly functions: number;
  /** What the kernel makes of the exported machine otherwise than we do: addresses, buses, groups. */
  readonly differences: readonly Difference[];
  /** What the kernel shows otherwise than the design, and no note of the export says. */
  readonly unsaid: readonly Departure[];
  /** The same, said by a note. */
  readonly said: readonly Departure[];
  readonly losses: readonly QemuLoss[];
}

/**
 * Exports a design for QEMU, boots the kernel on it, collects there what the kernel shows, imports that, and compares it with
 * the design: tree, addresses, links of ports, ACS, groups, sizes of BARs.
 *
 * @throws Error where QEMU or the kernel does not come to its end
 */
export async function compareExample(design: Machine): Promise<ExampleResult> {
  const { text, losses, ids } = writeQemuArguments(design);
  const { append, memoryBytes, iommu, enabledVfs, firmware } = parseQemuArguments(text);
  const report = await boot(optionsOf(text), { firmware, memoryBytes, append, iommu, enabledVfs, collects: true });
  const { differences, enumeration } = compare(text, report, firmware);
  const addressById = new Map(enumeration.devices.map(({ name, bdf }) => [name.split('.').at(-1) ?? name, bdf]));
  const addressOf = new Map([...ids].map(([name, id]) => [name, addressById.get(id) ?? '?']));
  const departures = departuresOf(design, report, addressOf);
  const isSaid = ({ about, name }: Departure) =>
    losses.some(
      (loss) => covers(loss.about, about) && (loss.names.length === 0 || loss.names.some((one) => isAt(name, one))),
    );
  return {
    firmware,
    functions: report.devices.length,
    differences,
    unsaid: departures.filter((one) => !isSaid(one)),
    said: departures.filter(isSaid),
    losses,
  };
}

/** What is left out or stands elsewhere changes the tree and the groups as well. */
const covers = (loss: QemuLoss['about'], departure: Departure['about']): boolean =>
  loss === departure || ((loss === 'place' || loss === 'presence') && departure === 'tree');
const isAt = (name: string, place: string): boolean => name === place || name.startsWith(`${place}.`);

function departuresOf(design: Machine, report: BootReport, addressOf: ReadonlyMap<string, string>): Departure[] {
  const found: Departure[] = [];
  const check = (about: Departure['about'], name: string, wanted: string, kernel: string) => {
    if (wanted !== kernel) found.push({ about, name, design: wanted, kernel });
  };
  const collected = report.collected;
  if (collected === null) throw new Error('the collector wrote nothing');
  const imported = new Map(readSysfs(readTar(gunzipSync(collected))).functions.map((fn) => [fn.address, fn]));
  const devices = new Map(report.devices.map((device) => [device.address, device]));
  const { functions } = discoverTopology(design);
  for (const fn of functions) {
    const address = addressOf.get(fn.name);
    const device = devices.get(address ?? '');
    const seen = imported.get(address ?? '');
    if (address === undefined || device === undefined || seen === undefined) {
      check('presence', fn.name, fn.address, 'nothing');
      continue;
    }
    const above = fn.bus.bridge === null ? null : (addressOf.get(fn.bus.bridge.name) ?? '?');
    check('tree', fn.name, String(above), String(seen.parent ?? null));
    check('tree', fn.name, fn.address, address);
    check('tree', fn.name, busesOf(fn), seen.buses === undefined ? 'none' : Object.values(seen.buses).join('/'));
    check('device', fn.name, sizesOf(fn), sizesRead(seen));
    const component = componentAt(design, fn.component);
    if (fn.part !== 0 || !fn.isBridge || component.kind === 'bridge') continue;
    const { generation, lanes } = component.settings;
    const { capable } = seen.link ?? {};
    if (generation !== undefined) check('link', fn.name, `gen${generation}`, `gen${capable?.generation}`);
    if (lanes !== undefined) check('link', fn.name, `x${lanes}`, `x${capable?.lanes}`);
    const acs = effectiveAcs(design, fn.component, undefined, design.linux.iommu === undefined ? 'groups' : 'now');
    const wanted = acs.capability === null ? 'none' : acs.control.join(' ');
    check('acs', fn.name, wanted, seen.acs == null ? 'none' : seen.acs.control.join(' '));
  }
  return [...found, ...groupDepartures(design, functions, report, addressOf)];
}

const busesOf = ({ bus, below }: PciFunction): string =>
  below === null ? 'none' : [bus.number, below.number, below.last].join('/');

const sizeText = (sizes: readonly (readonly [index: number, bytes: number])[]): string =>
  sizes
    .map(([index, bytes]) => `${index}:${bytes}`)
    .sort()
    .join(' ');
const sizesOf = ({ bars }: PciFunction): string => sizeText(bars.map(({ index, bytes }) => [index, bytes]));
const sizesRead = ({ bars = [] }: ObservedFunction): string =>
  sizeText(bars.flatMap(({ index, bytes }) => (bytes === undefined ? [] : [[index, bytes] as const])));

/** Groups by the names of what is in them, without what the design does not have. */
function groupDepartures(
  design: Machine,
  functions: readonly PciFunction[],
  report: BootReport,
  addressOf: ReadonlyMap<string, string>,
): Departure[] {
  if (design.linux.iommu === 'off') return [];
  const nameAt = new Map(functions.map(({ name }) => [addressOf.get(name) ?? '?', name]));
  const kernel = new Map<string, string>();
  for (const group of report.groups) {
    const names = group.flatMap((address) => nameAt.get(address) ?? []).sort();
    for (const name of names) kernel.set(name, names.join(' '));
  }
  const found: Departure[] = [];
  for (const group of iommuGroups(design)) {
    const names = group.map(({ component }) => componentAt(design, component).name).sort();
    for (const name of names) {
      const seen = kernel.get(name);
      if (seen === undefined) continue;
      const known = names.filter((one) => addressOf.has(one)).join(' ');
      const own = seen
        .split(' ')
        .filter((one) => functions.some((fn) => fn.name === one && fn.part === 0))
        .join(' ');
      if (known !== own) found.push({ about: 'group', name, design: known, kernel: own });
    }
  }
  return found;
}
