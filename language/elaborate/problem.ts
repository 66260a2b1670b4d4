import type { AstNode } from 'langium';
import type { Origin } from '../../model/origin.ts';

/** Text that would be right, with a title that says so. */
export interface ProblemFix {
  readonly title: string;
  readonly text: string;
}

/**
 * Something that elaboration could not make sense of. The rule with the same code says how severe it is;
 * elaboration goes on with what is sound.
 */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly node: AstNode;
  /** Narrows the place to a property of the node, and to an element of a list. */
  readonly property?: string;
  readonly index?: number;
  /** Replacements for exactly that place. */
  readonly fixes: readonly ProblemFix[];
  readonly related?: readonly { readonly node: AstNode; readonly message: string }[];
}

/** Where a node stands, with the way on which it came in. */
export function originOf(node: AstNode, via?: Origin): Origin {
  const cst = node.$cstNode;
  const uri = cst === undefined ? '' : rootUri(node);
  const origin = { uri, offset: cst?.offset ?? 0, end: cst?.end ?? 0 };
  return via === undefined ? origin : { ...origin, via };
}

/** The URI of the document that holds a node. */
export function rootUri(node: AstNode): string {
  let at: AstNode = node;
  while (at.$container !== undefined) at = at.$container;
  return at.$document?.uri.toString() ?? '';
}

/** The candidates nearest to a word that nothing has: at most three, by edit distance. */
export function nearest(word: string, candidates: Iterable<string>, limit = 3): string[] {
  const allowed = Math.max(1, Math.floor(word.length / 3));
  const scored: { name: string; distance: number }[] = [];
  for (const name of candidates) {
    if (Math.abs(name.length - word.length) > allowed) continue;
    const distance = allowed === 1 ? oneEdit(word, name) : editDistance(word, name, allowed);
    if (distance <= allowed) scored.push({ name, distance });
  }
  scored.sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1));
  return scored.slice(0, limit).map((entry) => entry.name);
}

/** 0 or 1 for words that are alike or one edit apart, else 2: what is left between common ends tells. */
function oneEdit(a: string, b: string): number {
  if (a === b) return 0;
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start++;
  let end = 0;
  while (end < shorter - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  return Math.max(a.length, b.length) - start - end <= 1 ? 1 : 2;
}

/** Levenshtein distance, given up beyond `limit`. */
export function editDistance(a: string, b: string, limit: number): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const current = [i];
    let least = i;
    for (let j = 1; j <= b.length; j++) {
      const substituted = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const value = Math.min(substituted, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1);
      current.push(value);
      least = Math.min(least, value);
    }
    if (least > limit) return limit + 1;
    previous = current;
  }
  return previous[b.length] ?? limit + 1;
}
