import { describe, expect, test } from 'vitest';
import { table } from '../../server/reports/table.ts';
import { parseReportUri, reportUri } from '../../server/reports/uri.ts';

describe('report URIs', () => {
  test('carry their subject there and back', () => {
    for (const subject of [
      { kind: 'result', uri: 'file:///work/a%20b.pcie', name: 'load', ends: null },
      { kind: 'result', uri: 'file:///work/a.pcie', name: 'ssd0 -> gpu0 #2', ends: null },
      { kind: 'show', uri: 'vscode-vfs://github/x/y.pcie', name: null, ends: null },
      { kind: 'path', uri: 'file:///work/a.pcie', name: 'm', ends: ['gpu0', 'cpu0.memory'] },
    ] as const) {
      expect(parseReportUri(reportUri(subject.kind, subject.uri, subject.name, subject.ends))).toEqual(subject);
    }
  });

  test('end in a title for the tab', () => {
    expect(decodeURIComponent(reportUri('result', 'file:///a.pcie', 'load').split('?')[0] ?? '')).toMatch(
      /\/result load\.txt$/,
    );
  });

  test('of others are no reports', () => {
    for (const uri of [
      'file:///a.pcie',
      'pcie-report:/what/x.txt?{}',
      'pcie-report:/show/x.txt',
      'pcie-report:/show/x.txt?%7B%22uri%22%3A1%7D',
    ]) {
      expect(parseReportUri(uri), uri).toBeUndefined();
    }
  });
});

describe('tables', () => {
  test('align words to the left and numbers to the right', () => {
    expect(
      table(
        ['name', 'rate'],
        [
          ['a', '1.5 GB/s'],
          ['longer', '12 GB/s'],
        ],
      ),
    ).toBe('name        rate\n------  --------\na       1.5 GB/s\nlonger   12 GB/s');
  });
});
