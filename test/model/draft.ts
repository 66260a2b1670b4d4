import type {
  AcsBit,
  AcsSetting,
  Component,
  ComponentKind,
  ComponentSettings,
  LinuxSettings,
  Machine,
} from '../../model/machine.ts';
import { trainMachine } from '../../model/train.ts';

/** A component of a test machine: what it is, then what hangs below it. */
export interface Sketch {
  readonly kind: ComponentKind;
  readonly label: string;
  readonly settings?: ComponentSettings;
  readonly acs?: AcsSetting;
  readonly acsCapability?: readonly AcsBit[];
  readonly children?: readonly Sketch[];
}

const origin = { uri: 'test:machine', offset: 0, end: 0 };

/** A trained machine from sketches of its sockets. */
export function sketchMachine(sockets: readonly Sketch[], linux: Partial<LinuxSettings> = {}): Machine {
  const components: Component[] = [];
  const add = (sketch: Sketch, parent: number | null, prefix: string): number => {
    const id = components.length;
    const children: number[] = [];
    const name = `${prefix}${sketch.label}`;
    components.push({
      id,
      kind: sketch.kind,
      label: sketch.label,
      name,
      parts: [],
      parent,
      children,
      settings: sketch.settings ?? {},
      said: {},
      unknown: [],
      acs: sketch.acs ?? 'default',
      acsCapability: sketch.acsCapability ?? null,
      bars: [],
      sriov: null,
      functions: [],
      subunits: [],
      apertures: [],
      allows: [],
      origin,
      nameOrigin: origin,
    });
    for (const child of sketch.children ?? []) children.push(add(child, id, `${name}.`));
    return id;
  };
  for (const socket of sockets) add(socket, null, '');
  return trainMachine({
    name: 'test',
    components,
    connections: [],
    firmware: { above4g: undefined, resizableBar: undefined, sriov: undefined, apertures: [] },
    linux: {
      version: undefined,
      iommu: undefined,
      invalidation: undefined,
      iommuPageBytes: undefined,
      mps: undefined,
      disableAcsRedir: [],
      configAcs: [],
      disableAcsRedirComponents: [],
      isolation: undefined,
      ...linux,
    },
    virtualMachines: [],
    partitions: [],
    allows: [],
    assumptions: [],
    origin,
  });
}

/** The id of a component by its label. Throws where there is none. */
export function idOf(machine: Machine, label: string): number {
  const found = machine.components.find((component) => component.label === label);
  if (found === undefined) throw new Error(`no component ${label}`);
  return found.id;
}
