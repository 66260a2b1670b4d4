import type { KnownPart, PartIndex } from '../../formats/observed/parts.ts';
import type { Environment } from '../elaborate/environment.ts';
import { PartReader, type ReadPart } from '../elaborate/parts.ts';

/**
 * The parts of an environment as importers and the printer need them. A part of the catalogue is read when somebody looks at
 * more than its name and kind: an import looks at few of them.
 */
export function partIndexOf(environment: Environment): PartIndex {
  const reader = new PartReader(environment);
  return [...environment.parts.keys()].flatMap((name) => {
    const listed = environment.parts.kindInCatalogue(name);
    const part = listed === undefined ? environment.parts.get(name) : undefined;
    const kind = listed ?? (part === undefined ? null : reader.read(part).kind);
    return kind === null ? [] : [new IndexedPart(name, kind as KnownPart['kind'], environment, reader)];
  });
}

class IndexedPart implements KnownPart {
  readonly name: string;
  readonly kind: KnownPart['kind'];
  readonly #environment: Environment;
  readonly #reader: PartReader;
  #read: ReadPart | undefined;

  constructor(name: string, kind: KnownPart['kind'], environment: Environment, reader: PartReader) {
    this.name = name;
    this.kind = kind;
    this.#environment = environment;
    this.#reader = reader;
  }

  get #part(): ReadPart {
    if (this.#read === undefined) {
      const part = this.#environment.parts.get(this.name);
      if (part === undefined) throw new Error(`The catalogue lists '${this.name}' and has no such part.`);
      this.#read = this.#reader.read(part);
    }
    return this.#read;
  }

  canHaveId(id: string): boolean {
    return this.#environment.parts.idsInCatalogue(this.name)?.has(id) ?? true;
  }

  get chain(): KnownPart['chain'] {
    return this.#part.chain;
  }

  get settings(): KnownPart['settings'] {
    return this.#part.draft.settings;
  }

  get acs(): KnownPart['acs'] {
    return this.#part.draft.acs;
  }

  get acsCapability(): KnownPart['acsCapability'] {
    return this.#part.draft.acsCapability;
  }

  get bars(): KnownPart['bars'] {
    return this.#part.draft.bars;
  }

  get sriov(): KnownPart['sriov'] {
    return this.#part.draft.sriov;
  }

  get functions(): KnownPart['functions'] {
    return this.#part.draft.functions;
  }
}
