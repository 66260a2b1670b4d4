/** The hexadecimal dump of one function, as `lspci -x`, `-xxx` and `-xxxx` print it. */
export class HexDump {
  readonly #bytes = new Uint8Array(4096);
  readonly #known = new Uint8Array(4096);
  #count = 0;

  /** Takes a line such as `10: 04 00 00 fe …`. False where the line is none, or lies beyond configuration space. */
  take(line: string): boolean {
    const found = /^([0-9a-f]{2,3}):((?: [0-9a-f]{2}){1,16})\s*$/i.exec(line);
    if (found === null) return false;
    const [, offsetText = '', bytesText = ''] = found;
    const offset = Number.parseInt(offsetText, 16);
    const bytes = bytesText.trim().split(/ +/);
    if (offset + bytes.length > this.#bytes.length) return false;
    bytes.forEach((text, index) => {
      this.#bytes[offset + index] = Number.parseInt(text, 16);
      if (this.#known[offset + index] === 0) this.#count++;
      this.#known[offset + index] = 1;
    });
    return true;
  }

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  isKnown(offset: number): boolean {
    return this.#known[offset] === 1;
  }
}
