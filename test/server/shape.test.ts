import { createDefaultCoreModule, createDefaultSharedCoreModule, EmptyFileSystem, inject } from 'langium';
import { describe, expect, test } from 'vitest';
import { PcieGeneratedModule, PcieGeneratedSharedModule } from '../../language/generated/module.ts';
import { PcieLexer } from '../../language/lexer.ts';
import { areas } from '../../language/schema/schema.ts';
import { expectedAfter, isComplete, readValues, shapeOf } from '../../server/completion/shape.ts';

const shared = inject(createDefaultSharedCoreModule(EmptyFileSystem), PcieGeneratedSharedModule);
const services = inject(createDefaultCoreModule({ shared }), PcieGeneratedModule, {
  parser: { Lexer: (all) => new PcieLexer(all) },
});
const values = (text: string) => readValues(services.parser.Lexer.tokenize(text).tokens);
const words = (shape: string, text: string) =>
  expectedAfter(shapeOf(shape), values(text)).map((terminal) =>
    terminal.kind === 'word' ? terminal.word : terminal.kind,
  );

describe('shapes', () => {
  test('say what may come next', () => {
    expect(words('<size> [at <rate>]', '')).toEqual(['quantity']);
    expect(words('<size> [at <rate>]', '384 GiB')).toEqual(['at']);
    expect(words('<size> [at <rate>]', '384 GiB at')).toEqual(['quantity']);
    expect(words('off | passthrough | translate', '')).toEqual(['off', 'passthrough', 'translate']);
    expect(words('x<n> …', 'x8 x4')).toEqual(['lanes']);
    expect(words('<size> [below 4g | above 4g] [io]', '1 GiB')).toEqual(['below', 'above', 'io']);
    expect(words('<size> [below 4g | above 4g] [io]', '1 GiB above')).toEqual(['4g']);
    expect(words('(a | b) <size>', 'b')).toEqual(['quantity']);
    expect(words('on | off', 'on')).toEqual([]);
    expect(words('on | off', 'what')).toEqual([]);
  });

  test('take parameters for anything', () => {
    expect(words('<size> [at <rate>]', '$memory')).toEqual(['at']);
  });

  const examples = areas.flatMap((area) =>
    area.properties.map((schema) => [`${schema.on[0]}: ${schema.example}`, schema] as const),
  );
  test.each(examples)('fit their example: %s', (_, schema) => {
    const line = schema.example.split('{')[0] ?? '';
    const tokens = services.parser.Lexer.tokenize(line).tokens;
    expect(tokens[0]?.image).toBe(schema.name);
    expect(
      isComplete(shapeOf(schema.shape), readValues(tokens.slice(1))),
      `${schema.shape} against ${schema.example}`,
    ).toBe(true);
  });
});
