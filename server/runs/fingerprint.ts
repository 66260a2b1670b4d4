import type { Texts } from './store.ts';

/**
 * A word for texts: the same for the same texts, another for others but by an accident. Two FNV-1a hashes (Fowler, Noll,
 * Vo) of 32 bits with different offsets; no secret, and it needs none.
 */
export function fingerprintOf(texts: Texts): string {
  let one = 0x811c9dc5;
  let other = 0x01000193;
  const take = (text: string): void => {
    for (let at = 0; at <= text.length; at++) {
      // Behind its last character each text has an end, so that no character may move from one to the next.
      const code = at < text.length ? text.charCodeAt(at) : 0xffff;
      one = Math.imul(one ^ code, prime);
      other = Math.imul(other ^ (code + at), prime);
    }
  };
  for (const uri of [...texts.keys()].sort()) {
    take(uri);
    take(texts.get(uri) ?? '');
  }
  return [one, other].map((hash) => (hash >>> 0).toString(16).padStart(8, '0')).join('');
}

const prime = 0x01000193;
