/**
 * Bytes of sysfs and of archive headers as text, a character a byte: all that is read here is ASCII. (The standard decoders
 * belong to Node and the browser, not to the language.)
 */
export function textOfBytes(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return text;
}

/** The way back. Characters beyond a byte become question marks. */
export function bytesOfText(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => {
    const code = character.charCodeAt(0);
    return code < 256 ? code : 0x3f;
  });
}
