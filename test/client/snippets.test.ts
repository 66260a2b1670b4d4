import { readFileSync } from 'node:fs';
import { EmptyFileSystem, URI } from 'langium';
import { describe, expect, test } from 'vitest';
import { formatText } from '../../language/format.ts';
import { createPcieServices } from '../../language/module.ts';

interface Snippet {
  readonly prefix: string | readonly string[];
  readonly description: string;
  readonly body: string | readonly string[];
}
const snippets = Object.entries(
  JSON.parse(readFileSync(new URL('../../snippets/pcie.json', import.meta.url), 'utf8')) as Record<string, Snippet>,
);

const { shared, pcie: services } = createPcieServices(EmptyFileSystem);

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

const machine = (inside: string, ports = ''): string => `machine m {
${inside}
  socket cpu0 {
    root-port rpa gen5 x16 { gpu gpu0 }
    root-port rpb gen4 x16 { gpu gpu1 }
    root-port rpc gen4 x4 { nvme ssd0 }
    root-port rpd gen5 x16 { nic nic0 }
    ${ports}
  }
  socket cpu1
}
`;

/** A sound file with the snippet in a place for it. */
function surroundings(name: string, text: string): string {
  switch (name) {
    case 'Machine':
    case 'Part':
    case 'Template':
    case 'Import':
      return text;
    case 'Firmware and Linux settings':
    case 'Connection':
      return machine(text);
    case 'Socket':
      return `machine m {\n${text}\n}`;
    case 'Root port':
    case 'Switch with ports':
      return `machine m {\n  socket cpu0 {\n    ${name === 'Root port' ? text : `root-port r {\n${text}\n}`}\n  }\n}`;
    case 'Ports in a row':
      return `machine m {\n  socket cpu0 {\n    root-port r {\n      switch s {\n${text}\n}\n    }\n  }\n}`;
    case 'Use of a template':
      return `template leaf($ports) {\n  port p[0..$ports-1]\n}\nmachine m {\n  socket cpu0 {\n    root-port r {\n      switch s {\n${text}\n}\n    }\n  }\n}`;
    case 'GPU':
    case 'NVMe drive':
    case 'NIC':
    case 'FPGA':
      return `machine m {\n  socket cpu0 {\n    root-port r {\n${text}\n}\n  }\n}`;
    case 'Process':
      return `${machine('')}scenario s {\n${text}\n}`;
    case 'Stream':
      return `${machine('')}scenario s {\n  process p on gpu0 {\n    stream s0 {\n      record done\n    }\n${text}\n  }\n}`;
    case 'Expected bandwidth':
    case 'Expected path':
      return `${machine('')}transfer t from ssd0 to gpu0 {\n  size 1 GiB\n${text}\n}`;
    case 'Expected time':
      return `${machine('')}scenario s {\n  at 0 us transfer from ssd0 to gpu0 { size 1 GiB }\n${text}\n}`;
    case 'Expected absence of a finding':
    case 'Allowed finding':
      return machine(text);
    default:
      return `${machine('')}${text}`;
  }
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

  test.each(snippets)('%s means something where it belongs', async (name, snippet) => {
    const text = surroundings(name, expand(snippet.body));
    const document = shared.workspace.LangiumDocumentFactory.fromString(
      text,
      URI.parse(`file:///${encodeURI(name)}.pcie`),
    );
    shared.workspace.LangiumDocuments.addDocument(document);
    await shared.workspace.DocumentBuilder.build([document]);
    // A file of one snippet lacks what it imports, and some work is not simulated yet: neither is the snippet's fault.
    const elsewhere = ['import/not-found', 'work/not-simulated'];
    const { problems: all } = services.Elaborations.get(document);
    const problems = all.filter((problem) => !elsewhere.includes(problem.code));
    const unknown = document.references.filter((reference) => reference.error !== undefined);
    expect(unknown.map((reference) => reference.$refText)).toEqual([]);
    expect(problems.map((problem) => `${problem.code}: ${problem.message}`)).toEqual([]);
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
