import type { PartIndex } from '../../formats/observed/parts.ts';
import type { Environment } from '../elaborate/environment.ts';
import { PartReader } from '../elaborate/parts.ts';

/** The parts of an environment as importers and the printer need them. */
export function partIndexOf(environment: Environment): PartIndex {
  const reader = new PartReader(environment);
  return [...environment.parts.values()].flatMap((part) => {
    const { kind, chain, draft } = reader.read(part);
    if (kind === null) return [];
    return [
      {
        name: part.name,
        kind,
        chain,
        settings: draft.settings,
        acs: draft.acs,
        acsCapability: draft.acsCapability,
        bars: draft.bars,
        sriov: draft.sriov,
        functions: draft.functions,
      },
    ];
  });
}
