import type { LaneCount } from '../../model/link/generation.ts';
import type { ValueCursor } from './cursor.ts';
import { linked, portKinds } from './kinds.ts';
import { generation, lanes } from './link-readers.ts';
import { type ComponentDraft, type PropertySchema, property, say, sayUnknown, setting } from './property.ts';
import { decimalNumber, integer, list, oneOf } from './readers.ts';

type P = PropertySchema<ComponentDraft>;

/** Whether a width comes next, where a speed may stand before it. */
const isWidth = (cursor: ValueCursor) => /^x\d+$/.test(cursor.peekWord() ?? '');

/** Links: what each end, the slot and the channel can do. */
export const linkProperties: readonly P[] = [
  property(
    'link',
    linked,
    'gen<n> x<n>',
    'What this end of the link can do at most.',
    'link gen4 x16',
    (cursor, target, place) => {
      while (!cursor.done && cursor.peekWord()?.startsWith('gen')) {
        const value = generation.read(cursor);
        if (value !== undefined) say(target, 'generation', value, place.origin);
      }
      if (!cursor.done) {
        if (sayUnknown(cursor, target, 'generation')) return;
        const value = lanes.read(cursor);
        if (value !== undefined) say(target, 'lanes', value, place.origin);
      }
    },
    { offers: ['gen3', 'gen4', 'gen5'], field: 'generation' },
  ),
  setting(
    'wired',
    'wiredLanes',
    linked,
    lanes,
    'Lanes that are wired to the slot, where fewer than its connector has.',
    'wired x8',
  ),
  setting('slot', 'slotLanes', linked, lanes, 'Mechanical width of the slot.', 'slot x16'),
  property(
    'trained',
    linked,
    '[gen<n>] [x<n>] [idle]',
    'What the link runs at, as read from the machine. `idle`: read while the device rested.',
    'trained gen3 x8',
    (cursor, target, place) => {
      const g = isWidth(cursor) ? undefined : generation.read(cursor);
      const l = cursor.done || cursor.peekWord() === 'idle' ? undefined : lanes.read(cursor);
      if (g !== undefined) say(target, 'trainedGeneration', g, place.origin);
      if (l !== undefined) say(target, 'trainedLanes', l, place.origin);
      if (cursor.takeWord('idle')) say(target, 'trainedIdle', true, place.origin);
    },
    { offers: ['gen3', 'gen4', 'gen5'], field: 'trainedGeneration' },
  ),
  property(
    'forced',
    linked,
    '[gen<n>] [x<n>]',
    'Speed or width set by hand: Target Link Speed, firmware or device tree.',
    'forced gen3',
    (cursor, target, place) => {
      const g = isWidth(cursor) ? undefined : generation.read(cursor);
      const l = cursor.done ? undefined : lanes.read(cursor);
      if (g !== undefined) say(target, 'forcedGeneration', g, place.origin);
      if (l !== undefined) say(target, 'forcedLanes', l, place.origin);
    },
    { offers: ['gen3', 'gen4', 'gen5'], field: 'forcedGeneration' },
  ),
  setting(
    'channel',
    'channelGeneration',
    linked,
    generation,
    'What the cable, riser or connector is rated for.',
    'channel gen4',
  ),
  setting(
    'bifurcation',
    'bifurcation',
    portKinds,
    list(lanes),
    'How the lanes of the slot are divided.',
    'bifurcation x8 x4 x4',
  ),
  property(
    'bifurcation-supported',
    ['root-port', 'port', 'socket', 'chipset'],
    'x<n> …',
    'A division that the port supports; one line each.',
    'bifurcation-supported x8 x8',
    (cursor, target, place) => {
      const division = list(lanes).read(cursor);
      if (division === undefined) return;
      const before: readonly (readonly LaneCount[])[] = target.settings.bifurcationSupported ?? [];
      say(target, 'bifurcationSupported', [...before, division], place.origin);
    },
    { repeatable: true, field: 'bifurcationSupported' },
  ),
  setting('retimers', 'retimers', linked, integer(0, 2), 'Retimers between the two ends.', 'retimers 1'),
  setting(
    'bit-error-rate',
    'bitErrorRate',
    linked,
    decimalNumber(),
    'Errors per bit on the wire.',
    'bit-error-rate 1e-12',
  ),
  setting(
    'aspm',
    'aspm',
    linked,
    oneOf('off', 'l0s', 'l1', 'l0s-l1'),
    'Active State Power Management of the link.',
    'aspm off',
  ),
];
