import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

interface OnEnterRule {
  readonly beforeText: string;
  readonly afterText?: string;
  readonly previousLineText?: string;
  readonly action: { readonly indent: string; readonly appendText?: string; readonly removeText?: number };
}
interface LanguageConfiguration {
  readonly wordPattern: string;
  readonly indentationRules: { readonly increaseIndentPattern: string; readonly decreaseIndentPattern: string };
  readonly onEnterRules: readonly OnEnterRule[];
  readonly folding: { readonly markers: { readonly start: string; readonly end: string } };
}

const configuration = JSON.parse(
  readFileSync(new URL('../../language-configuration.json', import.meta.url), 'utf8'),
) as LanguageConfiguration;
const increase = new RegExp(configuration.indentationRules.increaseIndentPattern);
const decrease = new RegExp(configuration.indentationRules.decreaseIndentPattern);

/** The text as the editor indents it while it is typed line by line. */
function typed(lines: readonly string[]): string[] {
  let depth = 0;
  return lines.map((line) => {
    const text = line.trim();
    if (decrease.test(text)) depth--;
    const result = text === '' ? '' : `${'  '.repeat(depth)}${text}`;
    if (increase.test(text)) depth++;
    return result;
  });
}

describe('indentation', () => {
  test('typing a file line by line indents it as the formatter does', () => {
    const text = `machine ai-server { // the "server" {
  socket cpu0 : epyc-9554 {
    memory 384 GiB at 460 GB/s
    // nothing to indent here {
    allow link/too-wide "a brace { in a string"
    root-port rp0 gen5 x16 {
      switch sw0 : pex89104 { /* a comment } */
        port p0 gen4 x16 { gpu gpu0 : a100 }
        port p[0..1] gen4 x16 { gpu gpu[2..3] : a100 }
      }
    }
  }
  use rack(
    $ports = 4,
    $lanes = x16
  )
}

transfer load from ssd0 to gpu0 {
  size 4 GiB
}`.split('\n');
    expect(typed(text)).toEqual(text);
  });

  test('a long line is decided at all: one that is tried in every way would never end', () => {
    expect(increase.test(`acs ${'SV { '.repeat(4000)}"`)).toBe(false);
  });
});

describe('words', () => {
  const word = new RegExp(configuration.wordPattern, 'g');
  test('hyphens belong to a word, dots between names do not', () => {
    expect('cpu0.rp0.sw-a : a100-pcie-80gb'.match(word)).toEqual(['cpu0', 'rp0', 'sw-a', 'a100-pcie-80gb']);
  });
  test('parameters, numbers and addresses are words', () => {
    expect('p[0..$n] 16.5 GiB 0x380000000000 64-bit'.match(word)).toContain('$n');
    expect('memory 16.5 GiB 0x3800 64-bit'.match(word)).toEqual(['memory', '16.5', 'GiB', '0x3800', '64-bit']);
  });
});

describe('Enter', () => {
  function pressed(before: string, after = '', previous = ''): OnEnterRule['action'] | undefined {
    return configuration.onEnterRules.find(
      (rule) =>
        new RegExp(rule.beforeText).test(before) &&
        (rule.afterText === undefined || new RegExp(rule.afterText).test(after)) &&
        (rule.previousLineText === undefined || new RegExp(rule.previousLineText).test(previous)),
    )?.action;
  }
  test('continues a doc comment, and ends it on an empty line', () => {
    expect(pressed('/// Load one shard')?.appendText).toBe('/// ');
    expect(pressed('  /// Load one shard')?.appendText).toBe('/// ');
    expect(pressed('/// ')).toBeUndefined();
  });
  test('continues an ordinary comment only in the middle of it', () => {
    expect(pressed('// some words')).toBeUndefined();
    expect(pressed('// some ', 'words')?.appendText).toBe('// ');
    expect(pressed('size 4 GiB // some ', 'words')).toBeUndefined();
  });
  test('continues a block comment until it is closed', () => {
    expect(pressed('/* some words', ' */')).toMatchObject({ indent: 'indentOutdent', appendText: ' * ' });
    expect(pressed('/* some words')?.appendText).toBe(' * ');
    expect(pressed(' * more', '', '/* some words')?.appendText).toBe('* ');
    expect(pressed(' */', '', ' * more')).toEqual({ indent: 'none', removeText: 1 });
    expect(pressed('/* done */')).toBeUndefined();
  });
});

test('regions fold', () => {
  const { start, end } = configuration.folding.markers;
  expect(new RegExp(start).test('  // #region left half')).toBe(true);
  expect(new RegExp(end).test('  // #endregion')).toBe(true);
  expect(new RegExp(start).test('  region left')).toBe(false);
});
