import type { Aperture, Bar, DeviceFunction, SriovCapability } from '../../model/address.ts';
import type {
  AcsBit,
  AcsSetting,
  Allow,
  ComponentKind,
  ComponentSettings,
  SettingName,
  Subunit,
} from '../../model/machine.ts';
import type { Origin } from '../../model/origin.ts';
import type { ValueCursor } from './cursor.ts';
import type { Reader } from './readers.ts';

/** A place where statements stand: inside a component of some kind, a block, or a piece of work. */
export type Context =
  | ComponentKind
  | 'file'
  | 'machine'
  | 'firmware'
  | 'linux'
  | 'interconnect'
  | 'sriov'
  | 'function'
  | 'namespace'
  | 'mig'
  | 'partition'
  | 'vm'
  | 'transfer'
  | 'scenario'
  | 'process'
  | 'context'
  | 'stream'
  | 'job'
  | 'pipeline'
  | 'stage'
  | 'collective';

/** A component while its text is read. Mutable; the elaborator freezes it into a `Component`. */
export interface ComponentDraft {
  settings: ComponentSettings;
  said: Partial<Record<SettingName, Origin>>;
  unknown: SettingName[];
  acs: AcsSetting;
  acsOrigin: Origin | null;
  acsCapability: readonly AcsBit[] | null;
  bars: Bar[];
  barOrigins: Map<number, Origin>;
  sriov: SriovCapability | null;
  functions: DeviceFunction[];
  subunits: Subunit[];
  apertures: Aperture[];
  allows: Allow[];
}

/** What a property's `apply` may use. */
export interface PropertyPlace {
  readonly origin: Origin;
  /** Reads the block of the property with the properties of `body`. */
  readonly body: <D>(context: Context, target: D) => void;
}

/**
 * One thing that can be said of something: its name, where it may stand, how its values are written, what it means.
 * Everything that completion, hovers, the reference and the checks know of a property stands here.
 */
export interface PropertySchema<D = never> {
  readonly name: string;
  readonly on: readonly Context[];
  /** The values as written, for people: `<size> [at <rate>]`. */
  readonly shape: string;
  /** Words and snippets that may come first. */
  readonly offers: readonly string[];
  /** One sentence. */
  readonly doc: string;
  /** A line that parses. */
  readonly example: string;
  /** May be said more than once. */
  readonly repeatable: boolean;
  /** The context of the block, where the property has one. */
  readonly body: Context | null;
  /** The setting that it fills, where it fills one. */
  readonly field: SettingName | null;
  readonly apply: (cursor: ValueCursor, target: D, place: PropertyPlace) => void;
}

/** A property with code of its own. */
export function property<D>(
  name: string,
  on: readonly Context[],
  shape: string,
  doc: string,
  example: string,
  apply: PropertySchema<D>['apply'],
  more: Partial<Pick<PropertySchema<D>, 'offers' | 'repeatable' | 'body' | 'field'>> = {},
): PropertySchema<D> {
  return { name, on, shape, doc, example, apply, offers: [], repeatable: false, body: null, field: null, ...more };
}

type FieldOf<T> = {
  [K in SettingName]-?: T extends NonNullable<ComponentSettings[K]> ? K : never;
}[SettingName];

/** A property that fills one setting of a component with what its reader reads. `unknown` is always allowed. */
export function setting<T>(
  name: string,
  field: FieldOf<T>,
  on: readonly Context[],
  reader: Reader<T>,
  doc: string,
  example: string,
): PropertySchema<ComponentDraft> {
  return property(
    name,
    on,
    reader.shape,
    doc,
    example,
    (cursor, target, place) => {
      if (sayUnknown(cursor, target, field)) return;
      const value = reader.read(cursor);
      if (value !== undefined) say(target, field, value as ComponentSettings[typeof field], place.origin);
    },
    { offers: reader.offers, field },
  );
}

/** Sets one setting and remembers where it was said. */
export function say<K extends SettingName>(
  target: ComponentDraft,
  field: K,
  value: ComponentSettings[K],
  origin: Origin,
): void {
  target.settings[field] = value;
  target.said[field] = origin;
  const at = target.unknown.indexOf(field);
  if (at >= 0) target.unknown.splice(at, 1);
}

/** Takes the word `unknown`: the setting is then known to be unknown. */
export function sayUnknown(cursor: ValueCursor, target: ComponentDraft, field: SettingName): boolean {
  if (!cursor.takeWord('unknown')) return false;
  delete target.settings[field];
  delete target.said[field];
  if (!target.unknown.includes(field)) target.unknown.push(field);
  return true;
}
