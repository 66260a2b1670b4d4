import type { Statement } from '../generated/ast.ts';
import type { Context } from '../schema/property.ts';
import type { WorkDraft } from '../schema/work.ts';
import { checkRepeated, type ReadContext, readProperty, reportMisplaced } from './properties.ts';

/**
 * The properties of a piece of work or of a subunit as plain values by field name, SI units.
 * `keep` says which other statements somebody else reads; the rest are out of place.
 */
export function readPlainSettings(
  members: readonly Statement[],
  context: Context,
  read: ReadContext,
  keep: (statement: Statement) => boolean = () => false,
): Record<string, number | string | boolean> {
  const draft: WorkDraft = { values: {} };
  const seen = new Map();
  for (const member of members) {
    if (keep(member)) continue;
    if (member.$type !== 'Property') {
      reportMisplaced(member, context, read.problems);
      continue;
    }
    checkRepeated(member, context, seen, read.problems);
    readProperty(member, context, draft, read);
  }
  return draft.values;
}
