import { TextDocument } from 'langium';
import { beforeEach, describe, expect, test } from 'vitest';
import type { CodeAction, Diagnostic } from 'vscode-languageserver';
import { Harness, type Opened, present } from './harness.ts';

let harness: Harness;
beforeEach(() => {
  harness = new Harness();
});

const diagnosticsOf = (opened: Opened): Diagnostic[] => opened.document.diagnostics ?? [];
const said = (opened: Opened) => diagnosticsOf(opened).map((each) => `${opened.textOf(each.range)}: ${each.code}`);

async function actions(opened: Opened, code: string): Promise<CodeAction[]> {
  const diagnostics = diagnosticsOf(opened).filter((each) => each.code === code);
  const [first] = diagnostics;
  if (first === undefined) throw new Error(`nothing says ${code}: ${said(opened).join('; ')}`);
  const found = await present(harness.pcie.lsp.CodeActionProvider).getCodeActions(opened.document, {
    textDocument: { uri: opened.uri },
    range: first.range,
    context: { diagnostics: [first] },
  });
  return (found ?? []) as CodeAction[];
}

/** The text after an action. */
function applied(opened: Opened, action: CodeAction | undefined): string {
  const edits = action?.edit?.changes?.[opened.uri];
  if (edits === undefined) throw new Error('the action changes nothing here');
  return TextDocument.applyEdits(opened.document.textDocument, edits);
}

const peers = (acs: string, extra = '') => `machine m {
  linux { iommu passthrough }
  socket cpu0 {
    vendor intel
    root-port rp0 gen4 x16 { switch sw0 { link gen4 x16
      port p0 gen4 x16 { ${acs}
        gpu gpu0 { link gen4 x16 } }
      port p1 gen4 x16 { gpu gpu1 { link gen4 x16 } }
    } }
  }${extra}
}
transfer t from gpu0 to gpu1 { size 1 GiB }
`;

describe('diagnostics', () => {
  test('carry a code, the page of the rule, and what fixes need', async () => {
    harness.shared.RuleSettings.pageOf = (code) => `https://example.org/rules/${code}.md`;
    const opened = await harness.open('part gpu g { vram 80 }');
    const [first] = diagnosticsOf(opened).filter((each) => each.code === 'language/missing-unit');
    expect(first).toMatchObject({
      severity: 1,
      source: 'pcie',
      codeDescription: { href: 'https://example.org/rules/language/missing-unit.md' },
      data: { code: 'language/missing-unit', fixes: expect.any(Array) },
    });
    expect(opened.textOf(present(first).range)).toBe('80');
  });

  test('lead to the other place that they are about', async () => {
    const opened = await harness.open('machine m { socket a\n socket a }');
    const [first] = diagnosticsOf(opened).filter((each) => each.code === 'names/duplicate');
    const [related] = present(first).relatedInformation ?? [];
    expect(related?.location.uri).toBe(opened.uri);
    expect(related?.location.range.start.line).toBe(0);
  });

  test('take the severity that is set, or none', async () => {
    const levels = async (text: string) =>
      diagnosticsOf(await harness.open(text)).map((each) => [each.code, each.severity]);
    const text = 'part gpu lonely {}\nmachine m { socket c }';
    const before = await levels(text);
    expect(before).toEqual([['part/unused', expect.any(Number)]]);
    harness.shared.RuleSettings.levels = { 'part/unused': 'error' };
    expect(await levels(`${text} `)).toEqual([['part/unused', 1]]);
    harness.shared.RuleSettings.levels = { 'part/unused': 'off' };
    expect(await levels(`${text}  `)).toEqual([]);
  });

  test('go when the file that they depend on is put right', async () => {
    await harness.open('part gpu card { link gen4 x3 }', 'file:///work/parts.pcie');
    const user = await harness.open(
      'import "parts.pcie"\nmachine m { socket c { root-port r gen4 x16 { gpu g : cart } } }',
      'file:///work/user.pcie',
    );
    expect(said(user)).toContain('cart: part/unknown');
    await harness.open('part gpu cart {}', 'file:///work/parts.pcie');
    expect(said(user)).not.toContain('cart: part/unknown');
  });
});

describe('fixes', () => {
  test('put a unit behind a bare number', async () => {
    const opened = await harness.open('part gpu g { vram 80 }');
    const found = await actions(opened, 'language/missing-unit');
    const gib = found.find((action) => action.title === 'Write 80 GiB');
    expect(gib).toMatchObject({ kind: 'quickfix', isPreferred: false });
    expect(applied(opened, gib)).toBe('part gpu g { vram 80 GiB }');
  });

  test('correct a name that is nearly right', async () => {
    const opened = await harness.open(
      'part gpu card {}\nmachine m { socket c { root-port r gen4 x16 { gpu g : cart } } }',
    );
    const [first] = await actions(opened, 'part/unknown');
    expect(first?.isPreferred).toBe(true);
    expect(applied(opened, first)).toContain('gpu g : card');
  });

  test('silence a rule in the block around, with room for a reason', async () => {
    const opened = await harness.open(peers('acs SV RR CR UF'));
    const silence = (await actions(opened, 'p2p/acs-redirect')).find((action) => action.title.startsWith('Allow '));
    const text = applied(opened, silence);
    expect(text).toContain('allow p2p/acs-redirect "say why"');
    const after = await harness.open(text, opened.uri);
    expect(said(after).filter((line) => line.endsWith('p2p/acs-redirect'))).toEqual([]);
    expect(after.document.parseResult.parserErrors).toEqual([]);
  });

  test('of the same kind are offered for the whole file', async () => {
    const opened = await harness.open(
      'part gpu card {}\nmachine m { socket c {\n root-port r gen4 x16 { gpu g : cart }\n root-port q gen4 x16 { gpu h : cart }\n} }',
    );
    const all = (await actions(opened, 'part/unknown')).find((action) => action.title.startsWith('Fix all 2'));
    expect(applied(opened, all).match(/: card/g)).toHaveLength(2);
  });

  test('of a text are not asked for elsewhere: other kinds of actions are left alone', async () => {
    const opened = await harness.open('machine  m { socket c }');
    const found = await present(harness.pcie.lsp.CodeActionProvider).getCodeActions(opened.document, {
      textDocument: { uri: opened.uri },
      range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } },
      context: { diagnostics: [], only: ['source'] },
    });
    expect((found ?? []).map((action) => action.title)).toEqual(['Format the file']);
  });
});

describe('expectations of findings', () => {
  test('are checked with what the rules say', async () => {
    const { CancellationToken } = await import('vscode-languageserver');
    const text = peers('acs SV RR CR UF').replace(
      '{ size 1 GiB }',
      '{\n size 1 GiB\n expect finding p2p/acs-redirect\n expect no finding part/unused\n}',
    );
    const opened = await harness.open(text);
    const record = await harness.shared.Runs.run(
      { uri: opened.uri, name: 't' },
      ['written'],
      {},
      CancellationToken.None,
      () => undefined,
    );
    const [run] = record.variants[0]?.result.runs ?? [];
    expect(run?.expectations.map((each) => [each.text, each.passed])).toEqual([
      ['expect finding p2p/acs-redirect', true],
      ['expect no finding part/unused', true],
    ]);
  });
});
