import { readFileSync } from 'node:fs';
import { createDefaultCoreModule, createDefaultSharedCoreModule, EmptyFileSystem, inject } from 'langium';
import { describe, expect, test } from 'vitest';
import { formatText } from '../../language/format.ts';
import { PcieGeneratedModule, PcieGeneratedSharedModule } from '../../language/generated/module.ts';
import { PcieLexer } from '../../language/lexer.ts';

interface Snippet {
  readonly prefix: string | readonly string[];
  readonly description: string;
  readonly body: string | readonly string[];
}
const snippets = Object.entries(
  JSON.parse(readFileSync(new URL('../../snippets/pcie.json', import.meta.url), 'utf8')) as Record<string, Snippet>,
);

const shared = inject(createDefaultSharedCoreModule(EmptyFileSystem), PcieGeneratedSharedModule);
const services = inject(createDefaultCoreModule({ shared }), PcieGeneratedModule, {
  parser: { Lexer: (all) => new PcieLexer(all) },
});
shared.ServiceRegistry.register(services);

/** The text of a snippet with its first choices and defaults, as it stands before anything is typed. */
function expand(body: string | readonly string[]): string {
  const text = typeof body === 'string' ? body : body.join('\n');
  const filled = text
    .replace(/\$\{\d+\|([^,|]+)[^}]*\|\}/g, '$1')
    .replace(/\$\{\d+:([^}]*)\}/g, '$1')
    .replace(/(?<!\\)\$0/g, '')
    .replace(/\\\$/g, '$');
  return filled.replace(/^[ \t]+$/gm, '');
}

describe('snippets', () => {
  test.each(snippets)('%s parses and is formatted', (_name, snippet) => {
    const text = `${expand(snippet.body)}\n`;
    const parsed = services.parser.LangiumParser.parse(text);
    expect(parsed.lexerErrors).toEqual([]);
    expect(parsed.parserErrors.map((error) => error.message)).toEqual([]);
    const tidy = formatText(text, (source) => services.parser.Lexer.tokenize(source));
    // A block that waits for its content has an empty line in it, which the formatter closes.
    const withoutGap = (source: string) => source.replace(/\{\s*\}/g, '{}').replace(/\n\n/g, '\n');
    expect(withoutGap(text)).toBe(withoutGap(tidy));
  });

  test.each(snippets)('%s ends at a final tab stop and says what it is', (_name, snippet) => {
    const text = typeof snippet.body === 'string' ? snippet.body : snippet.body.join('\n');
    expect(text).toContain('$0');
    expect(snippet.description).not.toBe('');
    const stops = [...text.matchAll(/(?<!\\)\$\{?(\d+)/g)].map((match) => Number(match[1])).filter((stop) => stop > 0);
    expect([...new Set(stops)].sort((a, b) => a - b)).toEqual([...new Set(stops)].map((_stop, index) => index + 1));
  });

  test('there is one for each kind of thing that a file is made of', () => {
    const prefixes = snippets.flatMap(([, snippet]) => snippet.prefix);
    for (const wanted of [
      'machine',
      'socket',
      'root-port',
      'switch',
      'gpu',
      'nvme',
      'nic',
      'fpga',
      'part',
      'template',
      'use',
      'connect',
      'transfer',
      'scenario',
      'process',
      'stream',
      'job',
      'collective',
      'expect',
      'allow',
      'import',
    ]) {
      expect(prefixes).toContain(wanted);
    }
  });
});
