import type { ComponentKind } from '../../model/machine.ts';
import type { ObservedFunction } from '../observed.ts';

/** Words that mean something else where a name stands. */
const taken: ReadonlySet<string> = new Set([
  'at',
  'on',
  'of',
  'from',
  'to',
  'over',
  'through',
  'after',
  'for',
  'by',
  'is',
]);

/** A name as the language can write it, or null where nothing is left of it. */
export function asName(text: string): string | null {
  const name = text
    .trim()
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^[-0-9]+|-+$/g, '');
  if (name === '' || taken.has(name) || /^(?:gen|x)\d{1,2}$/.test(name)) return null;
  return name;
}

/** How well a system's name suits a kind: the first shape that fits counts, with what it becomes. */
const preferred: Readonly<Partial<Record<ComponentKind, readonly (readonly [RegExp, string])[]>>> = {
  gpu: [
    [/^gpu(\d+)$/i, 'gpu$1'],
    [/^nvml(\d+)$/, 'gpu$1'],
    [/^rsmi(\d+)$/, 'gpu$1'],
    [/^cuda(\d+)$/, 'gpu$1'],
  ],
  nvme: [[/^nvme(\d+)(?:c\d+)?(?:n\d+)?(?:p\d+)?$/, 'nvme$1']],
  nic: [
    [/^((?:mlx\d|bnxt_re|irdma|hfi1|qib|efa|cxi|usnic|rocep\w*|ibp\w*|rdmap\w*)_?\d*\w*)$/, '$1'],
    [/^([a-z][\w-]*)$/i, '$1'],
  ],
};

/**
 * The name that people use for a function of a kind, from those that the system gives it; null where none suits.
 *
 * @param areChosen the names are those that somebody gave (QEMU's `id=`): the first is taken, whatever it looks like
 */
export function usualName(kind: ComponentKind, fn: ObservedFunction, areChosen = false): string | null {
  if (areChosen) return asName(fn.names?.[0] ?? '');
  for (const [shape, becomes] of preferred[kind] ?? []) {
    const found = fn.names?.find((name) => shape.test(name));
    if (found !== undefined) return asName(found.replace(shape, becomes));
  }
  return null;
}

/** Gives out names that differ: a wanted one where it is free, else the base with the next number that is. */
export class NameGiver {
  readonly #given = new Set<string>();
  readonly #next = new Map<string, number>();

  /** Keeps a name for somebody who asks for it later. */
  reserve(name: string): void {
    this.#given.add(name);
  }

  give(wanted: string | null, base: string): string {
    if (wanted !== null && !this.#given.has(wanted)) {
      this.#given.add(wanted);
      return wanted;
    }
    for (let number = this.#next.get(base) ?? 0; ; number++) {
      const name = `${base}${number}`;
      if (this.#given.has(name)) continue;
      this.#given.add(name);
      this.#next.set(base, number + 1);
      return name;
    }
  }
}
