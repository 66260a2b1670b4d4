/**
 * Numbers in a set as hwloc writes it: words of 32 bits in hexadecimal with commas between, the highest first, an empty word for
 * zero (`0x00000101`, `0xffffffff,,0x3`); `0xf...f` in front for all above. Null for a set without an end or for other text.
 */
export function readSet(text: string | undefined): number[] | null {
  if (text === undefined || text.startsWith('0xf...f')) return null;
  const words = text.split(',').reverse();
  if (words.length > 4096) return null;
  const numbers: number[] = [];
  for (const [index, word] of words.entries()) {
    if (!/^(?:0x[0-9a-f]{1,8})?$/i.test(word)) return null;
    const bits = word === '' ? 0 : Number.parseInt(word, 16);
    for (let bit = 0; bit < 32; bit++) {
      if ((bits >>> bit) % 2 === 1) numbers.push(index * 32 + bit);
    }
  }
  return numbers;
}

/** The set as hwloc writes it; `0x0` for an empty one. */
export function writeSet(numbers: readonly number[]): string {
  if (numbers.length === 0) return '0x0';
  const words = new Array<number>(Math.floor(Math.max(...numbers) / 32) + 1).fill(0);
  for (const number of numbers) {
    const word = Math.floor(number / 32);
    words[word] = ((words[word] ?? 0) | (1 << (number % 32))) >>> 0;
  }
  return words
    .reverse()
    .map((word) => `0x${word.toString(16).padStart(8, '0')}`)
    .join(',');
}
