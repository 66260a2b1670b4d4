import { EmptyFileSystem, URI } from 'langium';
import { describe, expect, test } from 'vitest';
import { createPcieServices } from '../../language/module.ts';

const { shared } = createPcieServices(EmptyFileSystem);
let count = 0;

/** What is said of a text, as `line:column message`. */
async function said(text: string, code: string | null = 'language/syntax'): Promise<string[]> {
  const document = shared.workspace.LangiumDocumentFactory.fromString(text, URI.parse(`file:///s${count++}.pcie`));
  shared.workspace.LangiumDocuments.addDocument(document);
  await shared.workspace.DocumentBuilder.build([document], { validation: true });
  return (document.diagnostics ?? [])
    .filter((one) => (code === null ? one.severity === 1 : one.code === code))
    .map((one) => `${one.range.start.line + 1}:${one.range.start.character + 1} ${String(one.message)}`);
}

const machine = (inside: string) => `machine m {\n  socket cpu0 {\n${inside}\n  }\n}\n`;
const work = `${machine('    root-port rp0 gen4 x16 { gpu gpu0 { link gen4 x16 } }')}transfer t from cpu0 to gpu0 {\n  size 1 GiB\n`;

describe('syntax errors say what is wrong and what to write', () => {
  test.each([
    [
      'a comma',
      machine('    root-port rp0 gen5, x16'),
      '3:23 `,` cannot stand here: values stand side by side, without commas.',
    ],
    ['a semicolon', machine('    numa 0;'), '3:11 `;` means nothing here: a line break ends a statement.'],
    [
      'an equals sign',
      machine('    numa = 0'),
      '3:10 `=` cannot stand here: a property and its value stand side by side: `mps 256 B`.',
    ],
    [
      'an arrow',
      `${machine('')}transfer t from a -> b`,
      '6:19 `-` cannot stand here: for an arrow write `to`: `transfer t from ssd0 to gpu0`.',
    ],
    ['a hash', machine('    # numa'), '3:5 `#` means nothing here: a comment begins with `//`.'],
    [
      'a text that does not end',
      machine('    numa "0'),
      '3:10 `"` means nothing here: a text in double quotes ends on its line.',
    ],
    ['an unseen character', machine('    numa\u20600'), '3:9 `U+2060` means nothing here.'],
    [
      'a block that does not close',
      'machine m {\n  socket cpu0 {\n  }\n',
      '3:4 The file ends inside a block or a statement: a `}` may be missing.',
    ],
    [
      'a brace too many',
      `${machine('    numa 0')}}`,
      '6:1 This `}` closes nothing: the block before it is closed already.',
    ],
    ['a name that is missing', 'machine {\n}', '1:9 `{` cannot stand here: expected a name.'],
    [
      'a line that ends too early',
      `${machine('')}connect a\nmachine n {}\n`,
      '6:10 The line ends too early: expected `to`.',
    ],
    [
      'two statements in a line',
      machine('    numa 0 } numa 1'),
      '3:14 `numa` cannot stand here: expected a line break or `}`.',
    ],
  ])('%s', async (_name, text, expected) => {
    expect(await said(text)).toContain(expected);
  });
  test('no words of the parser, and one error for one mistake', async () => {
    const found = await said(machine('    root-port rp0 : a+b gen4 { gpu gpu0 }'));
    expect(found).toHaveLength(1);
    expect(found.join()).not.toMatch(/token|EOF|NL\b|Expecting/);
  });
});

describe('units that are written otherwise elsewhere', () => {
  const port = (inside: string) => machine(`    root-port rp0 gen4 x16 { ${inside} }`);
  test.each([
    [port('nic n { line-rate 100 Gbps }'), "There is no unit 'Gbps': write Gb/s."],
    [port('nic n { line-rate 100 Gbit/s }'), "There is no unit 'Gbit': write Gb."],
    [port('gpu g { vram 80 GIB }'), "There is no unit 'GIB': write GiB."],
    [port('nvme d { read-latency 80 usec }'), "There is no unit 'usec': write us."],
  ])('%s', async (text, message) => {
    expect((await said(text, 'language/wrong-unit')).map((one) => one.replace(/^\S+ /, ''))).toEqual([message]);
  });
  test('a unit may follow its number without a space, and has to be one of its kind', async () => {
    const sound = machine('    memory 384GiB at 460GB/s\n    root-port rp0 gen4 x16 { nvme d { read-latency 80us } }');
    expect(await said(sound)).toEqual([]);
    expect(await said(machine('    memory 64GB/s'), 'language/wrong-unit')).toEqual([
      '3:12 64 GB/s is not a size such as 4 KiB.',
    ]);
  });
});

describe('a mistake in the head of a block leaves the rest of the file as it is', () => {
  const rest = `      switch sw0 {
        port p[0..1] gen4 x16 { gpu gpu[0..1] }
      }
    }
    root-port rp1 gen5 x16 { nic nic0 }
  }
}
transfer t from gpu0 to nic0 { size 1 GiB }
`;
  test.each([
    ['rp0 gen5x16', 'a link is written `gen5 x16`'],
    ['rp0 Gen5 X16', 'a link is written `gen5`'],
    ['rp0 PCIe 5.0 x16', 'cannot stand here'],
    ['rp0, gen5, x16', 'without commas'],
    ['rp0 (gen5 x16)', 'parentheses'],
    ['rp0 : epyc 9554', 'cannot stand here'],
    ['rp0 gen5 x', 'cannot stand here'],
  ])('root-port %s', async (head, message) => {
    const text = `machine m {\n  socket cpu0 {\n    root-port ${head} {\n${rest}`;
    const found = (await said(text, null)).filter((one) => !one.includes("no part 'epyc'"));
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(message);
  });
  test('a line of nothing that is known', async () => {
    const text = `machine m {\n  socket cpu0 {\n    %% ?? --\n    root-port rp0 gen5 x16 {\n${rest}`;
    expect((await said(text, null)).every((one) => one.startsWith('3:'))).toBe(true);
  });
});

describe('braces are balanced by the indentation', () => {
  const text = `machine m {
  socket cpu0 {
    root-port rp0 gen5 x16 {
      switch sw0 {
        port p0 gen4 x16 { gpu gpu0 }
        port p1 gen4 x16 { gpu gpu1 }
      }
    }
    root-port rp1 gen5 x16 { nic nic0 }
  }
}
transfer t from gpu0 to nic0 { size 1 GiB }
`;
  const without = (line: number, what: string) =>
    text
      .split('\n')
      .map((one, at) => (at === line - 1 ? one.replace(what, '') : one))
      .join('\n');
  const missing = (line: number, opened: number) => [
    expect.stringMatching(new RegExp(`^${line}:\\d+ A \`}\` is missing .* line ${opened} opens`)),
  ];
  test.each([
    [without(5, ' }'), missing(6, 5)],
    [without(7, '}'), missing(8, 4)],
    [without(8, '}'), missing(9, 3)],
    [without(11, '}'), missing(12, 1)],
    [without(9, ' }'), missing(10, 9)],
  ])('one that is missing', async (wrong, found) => {
    expect(await said(wrong, null)).toEqual(found);
  });
  test.each([
    [text.replace('x16 {\n', 'x16 =\n'), '3:28 `=` cannot stand here: a block opens with `{`.'],
    [text.replace('x16 {\n', 'x16 (\n'), '3:28 `(` cannot stand here: a block opens with `{`.'],
    [text.replace(' x16 {\n', '\n'), '3:19 A `{` is missing after `gen5`: what follows is closed by a `}`.'],
    [text.replace('{ nic', '= nic'), '9:28 `=` cannot stand here: a block opens with `{`.'],
    [text.replace('{ nic', 'nic'), '9:24 A `{` is missing after `x16`: what follows is closed by a `}`.'],
    [text.replace('{\n  socket', '\n  socket'), '1:9 A `{` is missing after `m`: what follows is closed by a `}`.'],
    [
      text.replace('{\n      switch', '=\n      switch').replace('sw0 {', 'sw0 ('),
      '3:28 `=` cannot',
      '4:18 `(` cannot',
    ],
  ])('one that does not open', async (wrong, ...found) => {
    expect(await said(wrong, null)).toEqual(found.map((one) => expect.stringContaining(one)));
  });
  test.each([
    [text.replace('gpu0 }\n', 'gpu0 }}\n'), '5:'],
    [text.replace('      }\n', '      }\n      }\n'), '8:'],
  ])('one too many', async (wrong, at) => {
    const found = await said(wrong, null);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(new RegExp(`^${at}\\d+ This`));
  });
});

describe('what has no name keeps what is in it', () => {
  const text = `machine m {
  socket cpu0 {
    root-port rp0 gen5 x16 { gpu g : mine { mrrs 512 B } }
    root-port rp1 gen5 x16 { switch sw0 { port p0 gen4 x16 { nic nic0 } } }
  }
}
transfer t from rp0.GPU to nic0 { size 1 GiB }
part gpu mine {}
`;
  test.each([
    ['switch sw0', 'switch', 'g', '4:37 `{` cannot stand here: expected a name.'],
    ['gpu g', 'gpu', 'gpu', '3:34 `:` cannot stand here: a colon stands between a name and its part'],
    ['socket cpu0', 'socket', 'g', '2:10 `{` cannot stand here: expected a name.'],
    ['machine m', 'machine', 'g', '1:9 `{` cannot stand here: expected a name.'],
    ['root-port rp1', 'root-port', 'g', '4:15 `gen5` cannot stand here: expected a name.'],
  ])('%s', async (named, unnamed, gpu, message) => {
    const found = await said(text.replace('GPU', gpu).replace(named, unnamed), null);
    expect(found).toEqual([expect.stringContaining(message)]);
  });
});

test('a text of mistakes alone is told from its beginning, and the next text is read as ever', async () => {
  const wrong = Array.from({ length: 3000 }, (_, at) => `    root-port rp${at} gen4 x4 = =`).join('\n');
  const found = await said(machine(wrong));
  expect(found.length).toBeGreaterThan(10);
  expect(found[0]).toMatch(/^3:/);
  expect(await said(machine('    numa 0'), null)).toEqual([]);
});

describe('expectations', () => {
  test.each(['bottleneck cpu0.rp0', 'bottleneck == cpu0.rp0', 'bottleneck == rp0', 'bottleneck rp0'])(
    'expect %s',
    async (expectation) => {
      const text = `${work}  expect ${expectation}\n}\n`;
      expect(await said(text)).toEqual([]);
      expect(await said(text, 'work/expectation-failed')).toEqual([]);
    },
  );
  test('a name is compared with == alone', async () => {
    expect(await said(`${work}  expect bottleneck >= cpu0.rp0\n}\n`, 'language/bad-value')).toEqual([
      '8:21 A name is the same or another: write `expect bottleneck == cpu0.rp0`.',
    ]);
  });
  test('what stands in a statement that could not be read is not judged', async () => {
    const failing = '  expect bandwidth > 900 GB/s\n';
    expect(await said(`${work}${failing}}\n`, 'work/expectation-failed')).toHaveLength(1);
    expect(await said(`${work}${failing}  start = 5 us\n}\n`, 'work/expectation-failed')).toEqual([]);
    expect(await said(`${work}${failing}`, 'work/expectation-failed')).toEqual([]);
    // A mistake elsewhere takes nothing away.
    expect(await said(`${work}${failing}}\nmachine {\n}\n`, 'work/expectation-failed')).toHaveLength(1);
  });
});
