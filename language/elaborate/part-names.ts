import type { AstNode } from 'langium';
import type { PartNames } from './environment.ts';
import { editDistance } from './problem.ts';

/** Shares of a score: what is found of the word that was written, and how much of the part's name that is. */
const shareOfWord = 0.7;
const shareOfName = 0.3;
/** For a part whose first segment was written: that is the family. */
const familyBonus = 0.1;
/** Below this a name is another one. */
const leastScore = 0.6;
/** A segment that is nearly right counts for less than the right one. */
const nearlyRight = 0.8;
const leastLikeness = 0.5;

/**
 * The parts that a name may mean which none has, the likeliest first. Names of parts are made of segments, and these weigh
 * more than letters: `epyc-9674` is nearer to epyc-9654 than to epyc-7742, `h100` means h100-pcie and h100-sxm.
 */
export function nearestParts(word: string, candidates: Iterable<string>, limit = 3): string[] {
  const written = segmentsOf(word);
  const joined = written.join('');
  const scored: { readonly name: string; readonly score: number }[] = [];
  for (const name of candidates) {
    const score = Math.max(likenessOfSegments(written, segmentsOf(name)), likenessOfLetters(joined, name));
    if (score >= leastScore) scored.push({ name, score });
  }
  scored.sort((a, b) => b.score - a.score || (a.name < b.name ? -1 : 1));
  return scored.slice(0, limit).map(({ name }) => name);
}

/** Names that can stand where a part is named: those of its kind, where the kind is said. */
export function namesFor(node: AstNode, parts: PartNames): Iterable<string> {
  const kind = kindAround(node);
  if (kind === undefined) return parts.keys();
  return [...parts.keys()].filter((name) => (parts.kindInCatalogue(name) ?? kind) === kind);
}

/** The kind of what names a part: a component, a connection, a part that inherits. */
function kindAround(node: AstNode): string | undefined {
  const owner = node.$type === 'PartUse' ? node.$container : node;
  if (owner?.$type === 'Connection') return 'interconnect';
  return owner !== undefined && 'kind' in owner && typeof owner.kind === 'string' ? owner.kind : undefined;
}

function segmentsOf(name: string): string[] {
  return name
    .toLowerCase()
    .split('-')
    .filter((segment) => segment !== '');
}

/** Numbers of models say more than the words around them. */
const weightOf = (segment: string) => (/\d/.test(segment) ? 2 : 1) * segment.length;

function likenessOfSegments(written: readonly string[], own: readonly string[]): number {
  const left = [...own];
  let found = 0;
  for (const segment of written) {
    let best = { at: -1, likeness: 0 };
    for (const [at, other] of left.entries()) {
      const likeness = likenessOf(segment, other);
      if (likeness > best.likeness) best = { at, likeness };
    }
    if (best.at >= 0) left.splice(best.at, 1);
    found += best.likeness * weightOf(segment);
  }
  const total = (segments: readonly string[]) => segments.reduce((sum, segment) => sum + weightOf(segment), 0);
  const family = own[0] !== undefined && written.includes(own[0]) ? familyBonus : 0;
  return shareOfWord * (found / Math.max(1, total(written))) + shareOfName * Math.min(1, found / total(own)) + family;
}

/** 1 for the same segment, less for one that begins alike or has few other letters, 0 for another. */
function likenessOf(a: string, b: string): number {
  if (a === b) return 1;
  const longest = Math.max(a.length, b.length);
  if (Math.min(a.length, b.length) < longest * leastLikeness || /\d/.test(a) !== /\d/.test(b)) return 0;
  let prefix = 0;
  while (prefix < longest && a[prefix] === b[prefix]) prefix++;
  const likeness = Math.max(prefix, longest - editDistance(a, b, longest)) / longest;
  return likeness < leastLikeness ? 0 : likeness * nearlyRight;
}

/** Slips of the hand, and hyphens that were left out: a letter in five may be wrong. */
function likenessOfLetters(joined: string, name: string): number {
  const own = name.replaceAll('-', '');
  const allowed = Math.max(1, Math.floor(joined.length / 5));
  if (Math.abs(own.length - joined.length) > allowed) return 0;
  const distance = editDistance(joined, own, allowed);
  return distance > allowed ? 0 : 1 - distance / Math.max(own.length, 1);
}
