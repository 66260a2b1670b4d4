import type { Component, SettingName } from '../../model/machine.ts';
import type { Fix, Place } from './rule.ts';

/** Where a setting of a component was said; its name where it was not said. */
export function saidAt(component: Component, ...fields: readonly SettingName[]): Place {
  for (const field of fields) {
    const origin = component.said[field];
    if (origin !== undefined) return { origin };
  }
  return { origin: component.nameOrigin };
}

/** The name of a component in the text. */
export const nameAt = (component: Component): Place => ({ origin: component.nameOrigin });

/** A fix that replaces what stands at a place, where that place is in the component's own text and not in a part. */
export function replaceAt(component: Component, field: SettingName, title: string, text: string): Fix[] {
  const origin = component.said[field];
  if (origin === undefined || origin.via !== undefined) return [];
  return [{ title, edits: [{ uri: origin.uri, offset: origin.offset, end: origin.end, text }] }];
}
