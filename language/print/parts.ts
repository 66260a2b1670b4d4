import { asName } from '../../formats/observed/names.ts';
import type { ComponentKind } from '../../model/machine.ts';
import type { ComponentText } from './component.ts';

/** A component that may share a part with others. */
export interface Candidate {
  readonly id: number;
  readonly kind: ComponentKind;
  /** The catalogue's part, or null. */
  readonly base: string | null;
  readonly text: ComponentText;
  /** Vendor and device in words, where known. */
  readonly description: string | null;
}

/** A part that the file itself declares. */
export interface LocalPart {
  readonly name: string;
  readonly kind: ComponentKind;
  readonly base: string | null;
  readonly lines: readonly string[];
  readonly description: string | null;
}

/** Fewer lines in common than this are said where they stand. */
const fewestLines = 2;

/** Places on a bus belong to the component, whatever it has in common with others. */
const placeProperties = /^(?:device-number|function-number|bus-range|segment|bus|numa|trained|forced) /;

/**
 * What several devices of one kind say alike, as parts of the file; the components keep what is their own.
 *
 * @param taken names of the catalogue, which a part must not hide
 */
export function shareParts(
  candidates: readonly Candidate[],
  taken: ReadonlySet<string>,
): {
  readonly parts: readonly LocalPart[];
  readonly partOf: ReadonlyMap<number, string>;
  readonly textOf: ReadonlyMap<number, ComponentText>;
} {
  const groups = new Map<string, Candidate[]>();
  for (const one of candidates) {
    const id = one.text.properties.find((line) => line.startsWith('id ')) ?? '';
    if (one.kind === 'socket' || (id === '' && one.base === null)) continue;
    const key = [one.kind, one.base, id, one.description].join('\n');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  const names = new Set(taken);
  const parts: LocalPart[] = [];
  const partOf = new Map<number, string>();
  const textOf = new Map<number, ComponentText>();
  for (const group of groups.values()) {
    const [first] = group;
    if (first === undefined || group.length < 2) continue;
    const common = first.text.properties.filter(
      (line) => !placeProperties.test(line) && group.every((one) => one.text.properties.includes(line)),
    );
    const isPort = first.kind === 'root-port' || first.kind === 'port';
    const sharedLink =
      !isPort && first.text.link !== '' && group.every((one) => one.text.link === first.text.link)
        ? first.text.link
        : null;
    const lines = sharedLink === null ? common : [`link ${sharedLink}`, ...common];
    if (lines.length < fewestLines) continue;
    const name = nameOf(first, names);
    names.add(name);
    parts.push({ name, kind: first.kind, base: first.base, lines, description: first.description });
    for (const one of group) {
      partOf.set(one.id, name);
      textOf.set(one.id, {
        ...one.text,
        link: sharedLink === null ? one.text.link : '',
        properties: one.text.properties.filter((line) => !common.includes(line)),
      });
    }
  }
  return { parts, partOf, textOf };
}

/** A name from the description (what stands in brackets is what people say), else from kind and IDs. */
function nameOf(one: Candidate, names: ReadonlySet<string>): string {
  const ids = one.text.properties
    .find((line) => line.startsWith('id '))
    ?.slice(3)
    .replace(':', '-');
  const bracket = /\[([^\]]+)\]\s*$/.exec(one.description ?? '')?.[1];
  const words = asName((bracket ?? '').toLowerCase());
  const tries = [
    one.base === null ? null : `this-${one.base}`,
    words === null || words.length > 30 ? null : words,
    `${one.kind}-${ids ?? 'plain'}`,
  ];
  for (const wanted of tries) if (wanted !== null && !names.has(wanted)) return wanted;
  for (let number = 2; ; number++) {
    const name = `${one.kind}-${ids ?? 'plain'}-${number}`;
    if (!names.has(name)) return name;
  }
}
