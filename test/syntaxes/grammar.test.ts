import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import type { IGrammar } from 'vscode-textmate';
import { areas } from '../../language/schema/schema.ts';
import { units } from '../../model/quantity.ts';
import { hasScope, locate, readAnnotated } from './annotated.ts';
import { loadPcieGrammar, type ScopedToken, tokenizeLines } from './tokenize.ts';

let grammar: IGrammar;
beforeAll(async () => {
  grammar = await loadPcieGrammar();
});

const samples = new URL('samples/', import.meta.url);
for (const file of readdirSync(samples).filter((name) => name.endsWith('.txt'))) {
  describe(`scopes in ${file}`, () => {
    const sample = readAnnotated(readFileSync(new URL(file, samples), 'utf8'));
    let tokens: ScopedToken[][];
    beforeAll(() => {
      tokens = tokenizeLines(grammar, sample.lines);
    });
    test.each(sample.claims.map((claim) => ({ claim, line: claim.at, piece: claim.piece })))(
      'line $line: $piece',
      ({ claim }) => {
        const { start, end } = locate(sample, claim);
        const covering = (tokens[claim.line] ?? []).filter((token) => token.end > start && token.start < end);
        expect(covering.length).toBeGreaterThan(0);
        for (const token of covering) {
          // White space and the dots between names carry no claim of their own.
          if (/^[\s.]*$/.test(token.text) && claim.piece !== token.text) continue;
          const missing = claim.wanted.filter((scope) => !hasScope(token.scopes, scope));
          const extra = claim.unwanted.filter((scope) => hasScope(token.scopes, scope));
          expect({ text: token.text, scopes: token.scopes, missing, extra }).toMatchObject({ missing: [], extra: [] });
        }
      },
    );
    test('no word is left without a colour', () => {
      const plain = tokens.flat().filter((token) => /[A-Za-z0-9]/.test(token.text) && isPlain(token));
      expect(plain.map((token) => token.text)).toEqual([]);
    });
  });
}

const isPlain = (token: ScopedToken): boolean =>
  token.scopes.every((scope) => scope === 'source.pcie' || scope.startsWith('meta.'));

describe('the grammar follows the language', () => {
  const only = (line: string): ScopedToken[] => tokenizeLines(grammar, [line]).flat();
  const rules = readFileSync(new URL('../../language/pcie.langium', import.meta.url), 'utf8');
  const parserRules = rules.slice(0, rules.indexOf('// ---- terminals')).replace(/\/\/.*$/gm, '');
  const keywords = [...new Set([...parserRules.matchAll(/'([a-z][\w-]*)'/g)].map((match) => match[1] ?? ''))];

  test.each(keywords)('keyword %s', (keyword) => {
    // Words that only go on with a statement are tried after one that they may go on with.
    const continuations: Record<string, string> = {
      interconnect: 'part interconnect x',
      no: 'expect no finding a',
      finding: 'expect finding a',
      within: 'expect bandwidth > 1 GB/s within 5 %',
      of: 'expect bandwidth of a > 1 GB/s',
    };
    const clauses = ['from', 'to', 'on', 'over', 'through', 'after', 'for', 'by'];
    const line = continuations[keyword] ?? (clauses.includes(keyword) ? `transfer t ${keyword} a` : `${keyword} n`);
    const token = only(line).find((candidate) => candidate.text === keyword);
    expect(token?.scopes.some((scope) => /^(keyword\.control|storage\.type)/.test(scope))).toBe(true);
  });

  test.each([...units.keys()])('unit %s', (unit) => {
    const token = only(`size 12.5 ${unit}`).find((candidate) => candidate.text === unit);
    expect(token?.scopes).toContain('keyword.other.unit.pcie');
  });

  const examples = areas.flatMap((area) =>
    area.properties.map((property) => ({ name: property.name, example: property.example })),
  );
  test.each(examples)('property $name: $example', ({ name, example }) => {
    const tokens = tokenizeLines(grammar, example.split('\n'));
    const first = tokens[0]?.[0];
    expect(first?.text).toBe(name);
    // `function`, `namespace` and the like may be keywords as well; a property is never left plain.
    expect(first && isPlain(first)).toBe(false);
    const plain = tokens.flat().filter((token) => /[A-Za-z0-9]/.test(token.text) && isPlain(token));
    expect(plain.map((token) => token.text)).toEqual([]);
  });
});

test('every shipped example is coloured throughout', ({ skip }) => {
  const folders = ['examples/', 'language/parts/'].map((path) => new URL(`../../${path}`, import.meta.url));
  const files = folders.flatMap((folder) => {
    try {
      return readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.pcie'))
        .map((name) => new URL(name, folder));
    } catch {
      return [];
    }
  });
  if (files.length === 0) skip('there is no example yet');
  for (const file of files) {
    const tokens = tokenizeLines(grammar, readFileSync(file, 'utf8').split(/\r?\n/));
    const plain = tokens.flat().filter((token) => /[A-Za-z0-9]/.test(token.text) && isPlain(token));
    expect({ file: file.pathname, plain: plain.map((token) => token.text) }).toEqual({
      file: file.pathname,
      plain: [],
    });
  }
});
