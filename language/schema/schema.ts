import { addressProperties, functionProperties, sriovProperties } from './address.ts';
import { deviceProperties } from './devices.ts';
import { identityProperties } from './identity.ts';
import { linkProperties } from './link.ts';
import { operationProperties } from './operations.ts';
import { connectionProperties, firmwareProperties, linuxProperties } from './policy.ts';
import type { Context, PropertySchema } from './property.ts';
import { socketProperties } from './sockets.ts';
import { acsProperties, transactionProperties } from './transactions.ts';
import { workProperties } from './work.ts';

/** Every property of the language, by area: the reference is printed from this list. */
export const areas: readonly { readonly title: string; readonly properties: readonly PropertySchema[] }[] = [
  { title: 'Links', properties: linkProperties },
  { title: 'Identity', properties: identityProperties },
  { title: 'Transactions', properties: transactionProperties },
  { title: 'Access control', properties: acsProperties },
  { title: 'Address space', properties: [...addressProperties, ...sriovProperties, ...functionProperties] },
  { title: 'Sockets and switches', properties: socketProperties },
  { title: 'Devices', properties: deviceProperties },
  { title: 'Firmware', properties: firmwareProperties },
  { title: 'Linux', properties: linuxProperties },
  { title: 'Connections beside PCIe', properties: connectionProperties },
  { title: 'Work', properties: workProperties },
  { title: 'Operations of a stream', properties: operationProperties },
] as readonly { title: string; properties: readonly PropertySchema[] }[];

const byContext = new Map<Context, Map<string, PropertySchema>>();
for (const area of areas) {
  for (const schema of area.properties) {
    for (const context of schema.on) {
      const names = byContext.get(context) ?? new Map<string, PropertySchema>();
      byContext.set(context, names.set(schema.name, schema));
    }
  }
}

/** The property of this name in this place, or undefined. */
export function propertyIn(context: Context, name: string): PropertySchema | undefined {
  return byContext.get(context)?.get(name);
}

/** All properties that may stand in a place. */
export function propertiesIn(context: Context): readonly PropertySchema[] {
  return [...(byContext.get(context)?.values() ?? [])];
}

/** The places in which a property of this name may stand. */
export function placesOf(name: string): readonly Context[] {
  return [...byContext].filter(([, names]) => names.has(name)).map(([context]) => context);
}
