import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { busAddress } from '../../../model/discovery/buses.ts';
import { iommuGroups } from '../../../model/isolation/groups.ts';
import { type Sketch, sketchMachine } from '../draft.ts';

const folder = resolve(import.meta.dirname, '../../../../shared/data/kernel');

interface Argument {
  readonly type: string;
  readonly id: string;
  readonly bus: string;
  readonly device: number;
  readonly function: number;
  readonly acs: boolean;
}

/** The devices of an arguments file, on which bus and at which number each. */
function readArguments(text: string): Argument[] {
  const next = new Map<string, number>();
  return text
    .split('\n')
    .filter((line) => line.startsWith('-device '))
    .map((line, index) => {
      const [type = '', ...options] = line.slice('-device '.length).trim().split(',');
      const option = new Map(options.map((one) => one.split('=') as [string, string]));
      const bus = option.get('bus') ?? 'pcie.0';
      const [device, fn] = (option.get('addr') ?? '').split('.');
      const free = next.get(bus) ?? (bus === 'pcie.0' ? 1 : 0);
      const number = device === undefined || device === '' ? free : Number.parseInt(device, 16);
      next.set(bus, Math.max(free, number + 1));
      return {
        type,
        id: option.get('id') ?? `#${index}`,
        bus,
        device: number,
        function: Number(fn ?? 0),
        acs: option.get('disable-acs') !== 'on',
      };
    });
}

/** Bus addresses as the kernel gives them: depth first, siblings by device and function. */
function addresses(all: readonly Argument[]): Map<string, string> {
  const result = new Map<string, string>();
  let last = 0;
  const visit = (bus: string, number: number) => {
    const here = all.filter((one) => one.bus === bus).sort((a, b) => a.device - b.device || a.function - b.function);
    for (const one of here) {
      const hex = (value: number) => value.toString(16).padStart(2, '0');
      result.set(one.id, `0000:${hex(number)}:${hex(one.device)}.${one.function}`);
      if (isBridge(one)) visit(one.id, ++last);
    }
  };
  visit('pcie.0', 0);
  return result;
}

const isBridge = (one: Argument) => /root-port|upstream|downstream|bridge/.test(one.type);

function sketch(one: Argument, all: readonly Argument[]): Sketch {
  const upstreams = new Set(all.filter((other) => other.type === 'x3130-upstream').map((other) => other.id));
  const kind =
    one.type === 'x3130-upstream'
      ? 'switch'
      : one.type === 'pcie-pci-bridge'
        ? 'bridge'
        : isBridge(one)
          ? upstreams.has(one.bus)
            ? 'port'
            : 'root-port'
          : 'device';
  const intel = /e1000|igb/.test(one.type);
  return {
    kind,
    label: one.id,
    settings: { deviceNumber: one.device, functionNumber: one.function, ...(intel ? { vendorId: 0x8086 } : {}) },
    // QEMU's pcie-root-port has the capability wherever it is plugged in; xio3130-downstream has none.
    ...(one.type === 'pcie-root-port' && one.acs
      ? { acsCapability: ['SV', 'TB', 'RR', 'CR', 'UF', 'DT'] as const }
      : { acs: 'none' as const }),
    children: all.filter((other) => other.bus === one.id).map((child) => sketch(child, all)),
  };
}

/** Groups as sets of bus addresses, those that only one side knows left out. */
const partition = (groups: readonly (readonly string[])[], known: ReadonlySet<string>) =>
  groups
    .map((group) =>
      group
        .filter((one) => known.has(one))
        .sort()
        .join(' '),
    )
    .filter((group) => group !== '')
    .sort();

describe.skipIf(!existsSync(folder))(
  'IOMMU groups of the real kernel (skipped where the shared data are absent)',
  () => {
    const names = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.args')) : [];
    for (const name of names) {
      it(name, () => {
        const all = readArguments(readFileSync(resolve(folder, name), 'utf8'));
        const bdf = addresses(all);
        const machine = sketchMachine(
          [
            {
              kind: 'socket',
              label: 'host',
              children: all.filter((one) => one.bus === 'pcie.0').map((one) => sketch(one, all)),
            },
          ],
          { iommu: 'translate' },
        );
        const booted = JSON.parse(readFileSync(resolve(folder, name.replace('.args', '.linux.json')), 'utf8')) as {
          iommuGroups: Record<string, string[]>;
        };
        const kernel = Object.values(booted.iommuGroups);
        const ours = iommuGroups(machine).map((group) =>
          group.map((member) => bdf.get(machine.components[member.component]?.label ?? '') ?? ''),
        );
        const inKernel = new Set(kernel.flat());
        const known = new Set(ours.flat().filter((one) => inKernel.has(one)));
        // The numbers that our own discovery gives are those of the walk in this test, and so the kernel's.
        for (const component of machine.components) {
          if (component.kind !== 'socket') expect(busAddress(machine, component.id)).toBe(bdf.get(component.label));
        }
        expect(known.size).toBeGreaterThan(3);
        expect(partition(ours, known)).toEqual(partition(kernel, known));
      });
    }
  },
);
