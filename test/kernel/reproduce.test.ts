import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { QemuFirmware } from '../../formats/qemu/arguments.ts';
import { type BootReport, readResource, readRootWindows } from './boot/report.ts';
import { compare } from './compare.ts';

const folder = resolve(import.meta.dirname, '../../../shared/data/kernel');

interface Recorded {
  readonly firmware: QemuFirmware;
  readonly kernel: string;
  readonly iommuGroups: Readonly<Record<string, readonly string[]>>;
  readonly failed: readonly string[];
  readonly dmesgPci: readonly string[];
  readonly devices: readonly {
    readonly bdf: string;
    readonly parent: string;
    readonly vendor: string;
    readonly deviceId: string;
    readonly class: string;
    readonly bridge?: { readonly primary: number; readonly secondary: number; readonly subordinate: number };
    readonly regions: readonly {
      readonly name: string;
      readonly start: string;
      readonly end: string;
      readonly flags: string;
    }[];
  }[];
}

const windowSlots: Readonly<Record<string, number>> = { 'window-io': 13, 'window-mem': 14, 'window-pref': 15 };

/** Slot of a region by its recorded name: `BAR4`, `ROM`, `VF-BAR0`, `window-mem`. */
function slotOf(name: string): number {
  if (name.startsWith('VF-BAR')) return 7 + Number(name.slice(6));
  return name === 'ROM' ? 6 : (windowSlots[name] ?? Number(name.slice(3)));
}

function reportOf(recorded: Recorded): BootReport {
  return {
    kernel: recorded.kernel.split(' ').find((word) => /^\d+\.\d+/.test(word)) ?? '',
    devices: recorded.devices.map((device) => ({
      address: device.bdf,
      parent: device.parent.startsWith('pci') ? null : device.parent,
      vendorId: Number(device.vendor),
      deviceId: Number(device.deviceId),
      classCode: Number(device.class),
      buses: device.bridge ?? null,
      resources: device.regions
        .map(({ name, start, end, flags }) => readResource(slotOf(name), [start, end, flags]))
        .filter((resource) => resource !== null),
    })),
    windows: readRootWindows(recorded.dmesgPci),
    groups: Object.values(recorded.iommuGroups),
    complaints: recorded.failed,
    collected: null,
  };
}

describe.skipIf(!existsSync(folder))(
  'boots of the real kernel reproduced (skipped where the shared data are absent)',
  () => {
    const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.json')) : [];
    it.each(names)('%s', (name) => {
      const recorded = JSON.parse(readFileSync(resolve(folder, name), 'utf8')) as Recorded;
      const topology = resolve(folder, name.replace(/\.\w+\.json$/, '.args'));
      const { differences } = compare(readFileSync(topology, 'utf8'), reportOf(recorded), recorded.firmware);
      expect(differences).toEqual([]);
    });
  },
);
