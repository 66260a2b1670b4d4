import { describe, expect, test } from 'vitest';
import { MarkBook, marksOf } from '../../../client/features/expectation-marks/marks.ts';
import { follow, followAll } from '../../../client/features/expectation-marks/tracking.ts';
import { endChoices } from '../../../client/features/reports/choices.ts';
import { fileName, runChoices } from '../../../client/features/results/choices.ts';
import { isRuleCode, rulePageCommand, rulePagePath } from '../../../client/features/rule-pages/command.ts';
import { statusText } from '../../../client/features/server-status/text.ts';
import { workChoices } from '../../../client/features/simulate/choices.ts';
import { barText } from '../../../client/features/status-bar/text.ts';
import { isReadable, liesIn } from '../../../client/features/workspace-files/guard.ts';
import type { ServerStatus, WorkItem } from '../../../server/protocol.ts';
import { comparison, scenario, single } from '../views/recorded.ts';

describe('a span of text', () => {
  const span = { offset: 10, end: 20 };
  test('moves with what is typed before it and stays with what is typed behind it', () => {
    expect(follow(span, { offset: 0, length: 0, inserted: 3 })).toEqual({ offset: 13, end: 23 });
    expect(follow(span, { offset: 2, length: 5, inserted: 1 })).toEqual({ offset: 6, end: 16 });
    expect(follow(span, { offset: 20, length: 4, inserted: 0 })).toEqual(span);
    expect(follow(span, { offset: 10, length: 0, inserted: 2 })).toEqual({ offset: 12, end: 22 });
  });
  test('is lost when it is edited itself', () => {
    expect(follow(span, { offset: 15, length: 0, inserted: 1 })).toBeNull();
    expect(follow(span, { offset: 5, length: 8, inserted: 8 })).toBeNull();
  });
  test('follows several edits that were reported together', () => {
    const edits = [
      { offset: 0, length: 0, inserted: 2 },
      { offset: 5, length: 1, inserted: 0 },
      { offset: 30, length: 0, inserted: 9 },
    ];
    expect(followAll(span, edits)).toEqual({ offset: 11, end: 21 });
    expect(followAll(span, [...edits].reverse())).toEqual({ offset: 11, end: 21 });
  });
});

describe('marks of expectations', () => {
  const kept = (key: number, record = single) => ({ key, record });
  test('say whether each held; a comparison leaves none', () => {
    expect(marksOf(single).map((mark) => mark.text)).toEqual(['✓ path is direct', '✓ bandwidth is 6.6 GB/s']);
    expect(marksOf(scenario).filter((mark) => !mark.passed)).toHaveLength(2);
    expect(marksOf(comparison)).toEqual([]);
  });
  test('stay with their text, are lost with it, and become stale in place', () => {
    const book = new MarkBook();
    book.update(single.uri, [kept(1)], single.version);
    expect(book.follow(single.uri, [{ offset: 0, length: 0, inserted: 5 }])).toBe(false);
    book.update(single.uri, [kept(1, { ...single, stale: true })], single.version + 1);
    expect(book.marks(single.uri)[0]).toMatchObject({ span: { offset: 905 }, stale: true });
    expect(book.follow(single.uri, [{ offset: 910, length: 1, inserted: 1 }])).toBe(true);
    expect(book.marks(single.uri)).toEqual([]);
  });
  test('of a run of another version of the text are not shown in the wrong places', () => {
    const book = new MarkBook();
    book.update(single.uri, [kept(1)], single.version + 1);
    expect(book.marks(single.uri)).toEqual([]);
  });
});

describe('files for the server', () => {
  const folder = { scheme: 'vscode-vfs', authority: 'github', path: '/ada/machines' };
  const at = (path: string, more = {}) => ({ ...folder, path, ...more });
  test('lie in a workspace folder', () => {
    expect(liesIn([folder], at('/ada/machines/a.pcie'))).toBe(true);
    expect(liesIn([folder], at('/ada/machines'))).toBe(true);
    expect(liesIn([folder], at('/ada/machines-of-others/a.pcie'))).toBe(false);
    expect(liesIn([folder], at('/ada/machines/../secrets/a.pcie'))).toBe(false);
    expect(liesIn([folder], at('/ada/machines/..\\secrets/a.pcie'))).toBe(false);
    expect(liesIn([folder], at('/ada/machines/a.pcie', { scheme: 'file' }))).toBe(false);
    expect(liesIn([folder], at('/ada/machines/a.pcie', { authority: 'gitlab' }))).toBe(false);
    expect(liesIn([], at('/ada/machines/a.pcie'))).toBe(false);
  });
  test('are .pcie files', () => {
    expect(isReadable(at('/ada/machines/a.pcie'))).toBe(true);
    expect(isReadable(at('/ada/machines/.env'))).toBe(false);
  });
});

describe('status of the server', () => {
  const ok: ServerStatus = { health: 'ok', message: '', activity: 'idle', files: 1 };
  test('is said in a word and a sentence', () => {
    expect(statusText('running', ok)).toEqual({ text: 'PCIe', detail: '1 file', busy: false, health: 'ok' });
    expect(statusText('running', { ...ok, files: 3, activity: 'running' })).toMatchObject({
      detail: 'simulating',
      busy: true,
    });
    expect(statusText('starting', undefined)).toMatchObject({ busy: true, health: 'ok' });
    expect(statusText('stopped', undefined)).toMatchObject({ health: 'error' });
    expect(statusText('running', { ...ok, health: 'warning', message: 'No worker.' })).toMatchObject({
      text: 'PCIe: limited',
      detail: 'No worker.',
      health: 'warning',
    });
  });
});

describe('what can be chosen', () => {
  const item = (name: string, line: number, expectations = 0): WorkItem => ({
    name,
    kind: 'transfer',
    range: { start: { line, character: 0 }, end: { line, character: 9 } },
    expectations: Array.from({ length: expectations }, () => ({
      offset: 0,
      text: '',
      range: { start: { line, character: 0 }, end: { line, character: 0 } },
    })),
  });
  test('to run: what the cursor is at first, everything last', () => {
    const items = [item('a', 2), item('b', 10, 2), item('c', 20)];
    expect(workChoices(items, 14).map((choice) => choice.name)).toEqual(['b', 'a', 'c', null]);
    expect(workChoices(items, 14)[0]?.description).toBe('transfer, 2 expectations');
    expect(workChoices(items, 0).map((choice) => choice.name)).toEqual(['a', 'b', 'c', null]);
    expect(workChoices([item('a', 2)], 0).map((choice) => choice.name)).toEqual(['a']);
    expect(workChoices([], 0)).toEqual([]);
  });
  test('as the end of a path: devices, then the memory of sockets', () => {
    const node = (name: string, kind: string, part: string | null = null) => ({
      name,
      kind,
      part,
      parent: null,
      numaNode: null,
      link: null,
      acs: null,
      group: null,
    });
    const machine = {
      machine: 'm',
      nodes: [node('cpu0', 'socket'), node('rp0', 'root-port'), node('gpu0', 'gpu', 'a100'), node('ssd0', 'nvme')],
    };
    expect(endChoices(machine)).toEqual([
      { label: 'gpu0', description: 'gpu, a100' },
      { label: 'ssd0', description: 'nvme' },
      { label: 'cpu0.memory', description: 'host memory' },
    ]);
  });
  test('of runs: the latest first, numbered where there are several', () => {
    const runs = [single, comparison, single].map((record, index) => ({ key: index + 1, record }));
    expect(runChoices(runs).map((choice) => choice.label)).toEqual([
      'load – lecture.pcie (2)',
      'All work, compared – lecture.pcie',
      'load – lecture.pcie (1)',
    ]);
  });
  test('file names are read from any URI', () => {
    expect(fileName('file:///home/ada/my%20server.pcie')).toBe('my server.pcie');
    expect(fileName('untitled:Untitled-1')).toBe('Untitled-1');
    expect(fileName('file:///bad%zz.pcie')).toBe('bad%zz.pcie');
  });
});

describe('rule pages', () => {
  test('only codes of rules become paths', () => {
    expect(isRuleCode('p2p/acs-redirect')).toBe(true);
    for (const bad of ['../secrets', 'p2p/../../x', 'P2P/x', 'p2p', 7, 'p2p/acs.md', ''])
      expect(isRuleCode(bad)).toBe(false);
    expect(rulePagePath('p2p/acs-redirect')).toEqual(['docs', 'rules', 'p2p', 'acs-redirect.md']);
  });
  test('a link runs the command with the code', () => {
    const [head, query] = rulePageCommand('p2p/acs-redirect').split('?');
    expect(head).toBe('command:pcie.openRulePage');
    expect(JSON.parse(decodeURIComponent(query ?? ''))).toEqual(['p2p/acs-redirect']);
  });
});

describe('the status bar', () => {
  const looked = { file: 'lecture.pcie', machines: ['ai-server'] as const, errors: 0, warnings: 2 };
  test('names the machine, and the findings of its text', () => {
    const { text, tooltip } = barText({ ...looked, last: undefined });
    expect(text).toBe('$(type-hierarchy) ai-server');
    expect(tooltip).toContain('**ai-server** in lecture.pcie');
    expect(tooltip).toContain('No errors, 2 warnings');
    expect(tooltip).not.toContain('Last run');
    expect(barText({ ...looked, machines: ['a', 'b', 'c'], errors: 1, last: undefined }).text).toBe(
      '$(type-hierarchy) a +2',
    );
  });
  test('says what the last run came to, and whether it is of another text', () => {
    const said = (record: typeof single) => barText({ ...looked, last: { key: 1, record } });
    expect(said(single).text).toBe('$(type-hierarchy) ai-server · load 6.59 GB/s');
    expect(said({ ...single, stale: true }).text).toBe('$(type-hierarchy) ai-server · load 6.59 GB/s (stale)');
    expect(said(comparison).text).toMatch(/ compared$/);
    expect(said(single).tooltip).toMatch(/^Last run: load: 6\.59 GB\/s · .* expectations hold$/m);
  });
});
