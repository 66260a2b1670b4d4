/**
 * Annotated samples: source lines, each followed by lines that start with `>` and say how a piece of it is coloured.
 *
 *     switch sw0 : pex89104 {
 *     > switch    storage.type.component
 *     > sw0       variable.other.constant
 *     > acs@2     variable.other.property     the second `acs` of the line
 *     > x16       constant.numeric !keyword   a scope that must not be there
 *
 * A piece ends at two spaces. `scope` stands for the scope itself and everything below it: `keyword` is fulfilled by
 * `keyword.control.pcie`.
 */
export interface Claim {
  readonly line: number;
  /** The line of the claim in the annotated file, from 1. */
  readonly at: number;
  readonly piece: string;
  /** Which occurrence, from 1. */
  readonly occurrence: number;
  readonly wanted: readonly string[];
  readonly unwanted: readonly string[];
}
export interface Annotated {
  readonly lines: readonly string[];
  readonly claims: readonly Claim[];
}

export function readAnnotated(text: string): Annotated {
  const lines: string[] = [];
  const claims: Claim[] = [];
  for (const [index, line] of text.replace(/\n$/, '').split('\n').entries()) {
    if (!line.startsWith('>')) {
      lines.push(line);
      continue;
    }
    const match = /^> (.+?)(?:@(\d+))?(?: {2,})(\S.*)$/.exec(line);
    if (match === null) throw new Error(`Line ${index + 1} is not a claim: ${line}`);
    const scopes = (match[3] ?? '').split(/\s+/);
    claims.push({
      line: lines.length - 1,
      at: index + 1,
      piece: match[1] ?? '',
      occurrence: Number(match[2] ?? 1),
      wanted: scopes.filter((scope) => !scope.startsWith('!')),
      unwanted: scopes.filter((scope) => scope.startsWith('!')).map((scope) => scope.slice(1)),
    });
  }
  return { lines, claims };
}

const splitsBefore = (before: string, first: string): boolean =>
  /[a-z]/i.test(first) ? /[a-z_-]/i.test(before) : /\d/.test(first) && /\w/.test(before);
const splitsAfter = (last: string, after: string): boolean =>
  /[a-z]/i.test(last) ? /[\w-]/.test(after) : /\d/.test(last) && /[\d-]/.test(after);

/** Where the claim's piece, as a whole word, stands in its line; throws for a sample that is wrong itself. */
export function locate(sample: Annotated, claim: Claim): { readonly start: number; readonly end: number } {
  const line = sample.lines[claim.line] ?? '';
  let start = -1;
  for (let seen = 0; seen < claim.occurrence; ) {
    start = line.indexOf(claim.piece, start + 1);
    if (start < 0) throw new Error(`Line ${claim.at}: '${claim.piece}' is not in '${line}'.`);
    const end = start + claim.piece.length;
    if (splitsBefore(line[start - 1] ?? '', line[start] ?? '')) continue;
    if (splitsAfter(line[end - 1] ?? '', line[end] ?? '')) continue;
    seen++;
  }
  return { start, end: start + claim.piece.length };
}

export const hasScope = (scopes: readonly string[], wanted: string): boolean =>
  scopes.some((scope) => scope === wanted || scope.startsWith(`${wanted}.`));
