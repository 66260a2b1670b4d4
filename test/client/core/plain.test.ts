import { expect, test } from 'vitest';
import { plain } from '../../../client/core/plain.ts';

/** Made as VS Code makes its positions. */
class Position {
  readonly _line: number;
  readonly _character: number;
  constructor(line: number, character: number) {
    this._line = line;
    this._character = character;
  }
  get line(): number {
    return this._line;
  }
  get character(): number {
    return this._character;
  }
  toJSON() {
    return { line: this.line, character: this.character };
  }
}

test('what is sent to a worker is what JSON would have made of it', () => {
  const message = {
    uri: 'file:///m.pcie',
    name: null,
    at: new Position(3, 7),
    all: [{ position: new Position(0, 1) }, 2, 'three', true],
    absent: undefined,
  };
  const sent: unknown = structuredClone(plain(message));
  expect(sent).toStrictEqual(JSON.parse(JSON.stringify(message)));
  expect(sent).toMatchObject({ at: { line: 3, character: 7 } });
  expect(structuredClone(message)).not.toMatchObject({ at: { line: 3, character: 7 } });
});
