import type { Environment } from '../../language/elaborate/environment.ts';
import type { Part } from '../../language/generated/ast.ts';
import type { ComponentKind } from '../../model/machine.ts';

/** The kind that a part says or inherits. */
export function kindOfPart(part: Part, environment: Environment): ComponentKind | 'interconnect' | undefined {
  let at: Part | undefined = part;
  for (let depth = 0; depth < 32 && at !== undefined; depth++) {
    if (at.kind !== undefined) return at.kind;
    at = at.base === undefined ? undefined : environment.parts.get(at.base.$refText);
  }
  return undefined;
}
