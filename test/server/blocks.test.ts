import { describe, expect, test } from 'vitest';
import { placeAt } from '../../server/text/blocks.ts';

function at(marked: string) {
  const offset = marked.indexOf('<|>');
  return placeAt(marked.replace('<|>', ''), offset);
}

describe('the place of a cursor', () => {
  test('knows the blocks around it, outermost first', () => {
    const place = at('machine m {\n  socket cpu0 : epyc {\n    mem<|>');
    expect(place.blocks.map((block) => block.header)).toEqual(['machine m', 'socket cpu0 : epyc']);
    expect(place.statement).toBe('mem');
  });

  test('leaves closed blocks and their content out', () => {
    const place = at('machine a { socket s { memory 1 GiB } }\nmachine b {\n  linux {\n iommu off\n }\n  <|>\n}');
    expect(place.blocks.map((block) => block.header)).toEqual(['machine b']);
    expect(place.siblings).toEqual(['linux { }']);
    expect(place.statement).toBe('');
  });

  test('is not misled by braces in comments and texts', () => {
    const place = at('machine m { // {\n /* { */ source "{" \n link <|>gen4 // x');
    expect(place.blocks.map((block) => block.header)).toEqual(['machine m']);
    expect(place.siblings).toEqual(['source "{"']);
    expect(place.statement).toBe('link ');
    expect(place.rest).toBe('gen4');
  });

  test('knows when it is in a comment or a text', () => {
    expect(at('a // b <|>c').inComment).toBe(true);
    expect(at('a // b\n<|>c').inComment).toBe(false);
    expect(at('a /* b <|> */ c').inComment).toBe(true);
    expect(at('a /* b */<|> c').inComment).toBe(false);
    expect(at('import "lib/<|>x"')).toMatchObject({ inText: true, statement: 'import "lib/' });
    expect(at('import "lib/<|>')).toMatchObject({ inText: true, statement: 'import "lib/' });
    expect(at('import "lib"<|>').inText).toBe(false);
  });

  test('takes parentheses over several lines for one statement', () => {
    expect(at('use quad(\n  $a = 1,\n  <|>').statement).toBe('use quad(   $a = 1,   ');
  });

  test('goes on after a block on one line', () => {
    const place = at('port p0 { gpu g : <|> }');
    expect(place.blocks.map((block) => block.header)).toEqual(['port p0']);
    expect(place.statement).toBe('gpu g : ');
    expect(place.rest).toBe('}');
  });
});
