import { beforeAll, describe, expect, test } from 'vitest';
import { Harness, present } from './harness.ts';

let harness: Harness;
beforeAll(() => {
  harness = new Harness();
});

/** `word:type` or `word:type!` for a declaration, in the order of the text. */
async function tokensOf(text: string): Promise<string[]> {
  const opened = await harness.open(text);
  const provider = present(harness.pcie.lsp.SemanticTokenProvider);
  const { data } = await provider.semanticHighlight(opened.document, { textDocument: { uri: opened.uri } });
  const types = Object.keys(provider.tokenTypes);
  const tokens: string[] = [];
  let line = 0;
  let character = 0;
  for (let at = 0; at < data.length; at += 5) {
    const [deltaLine = 0, deltaStart = 0, length = 0, type = 0, modifiers = 0] = data.slice(at, at + 5);
    line += deltaLine;
    character = deltaLine > 0 ? deltaStart : character + deltaStart;
    const word = opened.textOf({ start: { line, character }, end: { line, character: character + length } });
    tokens.push(`${word}:${types[type]}${modifiers % 2 === 1 ? '!' : ''}`);
  }
  return tokens;
}

describe('semantic tokens', () => {
  test('tell names from keywords, even where they are the same word', async () => {
    expect(await tokensOf('machine transfer {\n  socket gpu {}\n}')).toEqual([
      'machine:keyword',
      'transfer:namespace!',
      'socket:type',
      'gpu:variable!',
    ]);
  });

  test('mark parts, templates, parameters and links', async () => {
    expect(await tokensOf('template quad($part = a100) {\n  port p[0..$n-1] gen4 x16 { gpu g : $part }\n}')).toEqual([
      'template:keyword',
      'quad:function!',
      '$part:parameter!',
      '=:operator',
      'a100:enumMember',
      'port:type',
      'p:variable!',
      '0:number',
      '..:operator',
      '$n:parameter',
      '-:operator',
      '1:number',
      'gen4:number',
      'x16:number',
      'gpu:type',
      'g:variable!',
      '::operator',
      '$part:parameter',
    ]);
  });

  test('mark properties, words, quantities and texts', async () => {
    expect(
      await tokensOf('part gpu big : base {\n  vram 80 GiB\n  driver nvidia-open\n  id 10de:20b5\n  source "x" {}\n}'),
    ).toEqual([
      'part:keyword',
      'gpu:type',
      'big:class!',
      '::operator',
      'base:class',
      'vram:property',
      '80:number',
      'GiB:number',
      'driver:property',
      'nvidia-open:enumMember',
      'id:property',
      '10de:20b5:number',
      'source:property',
      '"x":string',
    ]);
  });

  test('mark work: clauses, references, expectations, rules', async () => {
    const text =
      'machine m { socket c }\ntransfer load from c.memory to c {\n  size 1 GiB\n  expect bandwidth of load >= 5 GB/s within 5 %\n  expect no finding p2p/acs-redirect of c\n}';
    expect((await tokensOf(text)).slice(4)).toEqual([
      'transfer:keyword',
      'load:function!',
      'from:keyword',
      'c:variable',
      'memory:variable',
      'to:keyword',
      'c:variable',
      'size:property',
      '1:number',
      'GiB:number',
      'expect:keyword',
      'bandwidth:property',
      'of:keyword',
      'load:function',
      '>=:operator',
      '5:number',
      'GB/s:number',
      'within:keyword',
      '5:number',
      '%:number',
      'expect:keyword',
      'no:keyword',
      'finding:keyword',
      'p2p:decorator',
      '/:decorator',
      'acs-redirect:decorator',
      'of:keyword',
      'c:variable',
    ]);
  });

  test('answer for a range only with what lies in it', async () => {
    const opened = await harness.open('machine a {\n<|  linux { iommu off }\n|>}');
    const provider = present(harness.pcie.lsp.SemanticTokenProvider);
    const params = { textDocument: { uri: opened.uri }, range: opened.range() };
    const { data } = await provider.semanticHighlightRange(opened.document, params);
    expect(data.length / 5).toBe(3);
    expect(data[0]).toBe(1);
  });
});
