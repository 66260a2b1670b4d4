/** Longer argument lists overflow the stack of some engines. */
const piece = 0x8000;

/** Bytes as base64, in Node and in the browser alike. */
export function base64Of(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += piece) {
    text += String.fromCharCode(...bytes.subarray(at, at + piece));
  }
  return btoa(text);
}
