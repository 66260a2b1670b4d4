import fc from 'fast-check';
import { createDefaultCoreModule, createDefaultSharedCoreModule, EmptyFileSystem, inject } from 'langium';
import { describe, expect, test } from 'vitest';
import { applyEdits, formatEdits, formatText } from '../../language/format.ts';
import { PcieGeneratedModule, PcieGeneratedSharedModule } from '../../language/generated/module.ts';
import { PcieLexer } from '../../language/lexer.ts';

const shared = inject(createDefaultSharedCoreModule(EmptyFileSystem), PcieGeneratedSharedModule);
const services = inject(createDefaultCoreModule({ shared }), PcieGeneratedModule, {
  parser: { Lexer: (all) => new PcieLexer(all) },
});
const tokenize = (text: string) => services.parser.Lexer.tokenize(text);
const format = (text: string) => formatText(text, tokenize);

describe('the formatter', () => {
  test('indents by two, puts one space between words and one break at the end', () => {
    expect(format('machine   m{\n\n\nsocket cpu0:epyc-9554   {\n      memory 384 GiB at 460 GB/s\n\n\n  }\n}')).toBe(
      'machine m {\n  socket cpu0 : epyc-9554 {\n    memory 384 GiB at 460 GB/s\n  }\n}\n',
    );
  });

  test('keeps a block on one line that stands on one, and spreads one that does not', () => {
    expect(format('port p0 gen4 x16 {gpu  gpu0:a100}')).toBe('port p0 gen4 x16 { gpu gpu0 : a100 }\n');
    expect(format('port p0 gen4 x16 { gpu gpu0 : a100\n}')).toBe('port p0 gen4 x16 {\n  gpu gpu0 : a100\n}\n');
    expect(format('port p0 { \n }')).toBe('port p0 {}\n');
    expect(format('root-port r { switch s {\nport p\n} }')).toBe('root-port r {\n  switch s {\n    port p\n  }\n}\n');
  });

  test('spreads a block that is too long for a line', () => {
    const name = 'n'.repeat(70);
    expect(format(`port ${name} { gpu ${name} : a100 }`)).toBe(`port ${name} {\n  gpu ${name} : a100\n}\n`);
  });

  test('keeps ranges, names, codes and ratios together', () => {
    expect(format('port p [ 0 .. 1 ] { gpu gpu[ $n * 2 .. $n*2 + 1 ] }')).toBe(
      'port p[0..1] { gpu gpu[$n*2..$n*2+1] }\n',
    );
    expect(format('transfer t from cpu0 . memory to a .b')).toBe('transfer t from cpu0.memory to a.b\n');
    expect(format('allow p2p / acs-redirect "known"')).toBe('allow p2p/acs-redirect "known"\n');
    expect(format('expect finding p2p/acs-redirect of  gpu0')).toBe('expect finding p2p/acs-redirect of gpu0\n');
    expect(format('expect bandwidth of a/bandwidth of b>=2')).toBe('expect bandwidth of a / bandwidth of b >= 2\n');
    expect(format('bar 1 16 MiB 64-bit resizable 256 MiB .. 32 GiB')).toBe(
      'bar 1 16 MiB 64-bit resizable 256 MiB..32 GiB\n',
    );
    expect(format('expect utilisation of rp0 < 90%')).toBe('expect utilisation of rp0 < 90 %\n');
  });

  test('writes arguments on one line while they fit, else one a line', () => {
    expect(format('use quad (\n $a=1 ,\n $b = 2 GiB\n)')).toBe('use quad($a = 1, $b = 2 GiB)\n');
    const long = Array.from({ length: 12 }, (_, i) => `$parameter_${i} = ${i} GiB`);
    expect(format(`use quad(${long.join(',')})`)).toBe(`use quad(\n  ${long.join(',\n  ')}\n)\n`);
    expect(format('use quad($a = 1, // one\n$b = 2)')).toBe('use quad(\n  $a = 1, // one\n  $b = 2\n)\n');
  });

  test('keeps comments where they stand', () => {
    const text = [
      '// first',
      '',
      '/* a block',
      ' * of lines',
      ' */',
      'machine m { // trailing',
      '  // own line',
      '  socket a /* inside */ {',
      '    memory 1 GiB // why',
      '  }',
      '  // last',
      '}',
      '// end',
      '',
    ].join('\n');
    expect(format(text)).toBe(text);
    expect(format('machine m {\n/*\n* star\n  plain\n*/\n}')).toBe('machine m {\n  /*\n   * star\n  plain\n   */\n}\n');
    expect(format('machine m {}      // far   \n')).toBe('machine m {} // far\n');
  });

  test('keeps one empty line, none at the edges of a block', () => {
    expect(format('\n\nmachine m {\n\n\n  a 1\n\n\n\n  b 2\n\n}\n\n\n\nmachine n {}\n\n')).toBe(
      'machine m {\n  a 1\n\n  b 2\n}\n\nmachine n {}\n',
    );
  });

  test('keeps the line ends of the file', () => {
    expect(format('machine m {\r\n a 1\r\n\r\n\r\n b 2\r\n}')).toBe('machine m {\r\n  a 1\r\n\r\n  b 2\r\n}\r\n');
  });

  test('formats what comes before a block that does not close, and leaves the rest', () => {
    expect(format('machine  a{\nx 1\n}\nmachine   b {\n      x   1\n')).toBe(
      'machine a {\n  x 1\n}\nmachine   b {\n      x   1\n',
    );
  });

  test('leaves characters that are no tokens where they are', () => {
    expect(format('machine  m {\n a  ~~  b\n}')).toBe('machine m {\n  a  ~~  b\n}\n');
  });

  test.each([
    ['memory 384GiB at 460GB/s', 'memory 384 GiB at 460 GB/s'],
    ['capacity 3.84TB', 'capacity 3.84 TB'],
    ['bar 1 64GiB..128GiB', 'bar 1 64 GiB..128 GiB'],
    ['at 5us transfer from a to b', 'at 5 us transfer from a to b'],
    ['expect bandwidth>=20GB/s within 5%', 'expect bandwidth >= 20 GB/s within 5 %'],
    ['copy h2d 64MiB', 'copy h2d 64 MiB'],
  ])('writes a number and its unit apart: %s', (text, expected) => {
    expect(format(text)).toBe(`${expected}\n`);
  });

  test.each(['gpu 4s : 3b', 'transfer t from a.4s to 4s', 'use tray(4s)', 'id 3com', 'prefetch 1 MiB to 4s'])(
    'leaves a name that looks like a quantity: %s',
    (text) => {
      expect(format(text)).toBe(`${text}\n`);
      const both = `mig 4s\ninstance 4s\nsize 8 s\n`;
      expect(format(both)).toBe(both);
    },
  );

  test('says nothing about a text that is formatted', () => {
    const text = 'machine m {\n  socket a { memory 1 GiB }\n}\n';
    expect(formatEdits(text, tokenize)).toEqual([]);
    expect(format('')).toBe('');
    expect(format('  \n \n')).toBe('');
  });

  const piece = fc.constantFrom(
    ...[
      'machine',
      'm',
      'port',
      'p',
      '[0..1]',
      'gen4',
      'x16',
      '{',
      '}',
      '{',
      '}',
      '(',
      ')',
      ',',
      '$a',
      '=',
      ':',
      '..',
      '.',
      '/',
    ],
    ...[
      '"text"',
      '// note \n',
      '/* one */',
      '/* two\n * lines\n */',
      '\n',
      '\n\n\n',
      ' ',
      '   ',
      '\t',
      '5',
      'GiB',
      '%',
      '5us',
      '~',
      '>=',
      '[',
      ']',
    ],
    ...['expect', 'allow', 'finding', 'of', 'transfer', 'from', '10de:20b5', '0000:01:00.0', '0x1f', '-', '+', '*'],
  );

  test('changes only white space, and nothing the second time', () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), fc.boolean(), (pieces, crlf) => {
        const text = crlf ? pieces.join('').replaceAll('\n', '\r\n') : pieces.join('');
        const edits = formatEdits(text, tokenize);
        for (const [i, edit] of edits.entries()) {
          expect(edit.offset).toBeGreaterThanOrEqual(edits[i - 1]?.end ?? 0);
          expect(text.slice(edit.offset, edit.end).trim()).toBe('');
        }
        const once = applyEdits(text, edits);
        const images = (of: string) => {
          const { tokens, hidden } = tokenize(of);
          // A number and its unit may have been one word.
          return [tokens, hidden.filter((token) => token.tokenType.name !== 'WS')].map((list) =>
            list.flatMap(({ tokenType, image }) => {
              if (tokenType.name === 'NL') return 'NL';
              return tokenType.name === 'WORDNUM' ? image.split(/(?<=^\d+)(?=\D)/) : image.replace(/\s+/g, ' ').trim();
            }),
          );
        };
        expect(images(once)).toEqual(images(text));
        expect(formatText(once, tokenize)).toBe(once);
      }),
      { seed: 20251120, numRuns: 5000 },
    );
  });
});
