import { describe, expect, test } from 'vitest';
import { RunBook, type RunChange } from '../../../client/core/run-book.ts';
import type { RunRecord } from '../../../server/protocol.ts';
import { single } from '../views/recorded.ts';

const run = (id: number, name: string | null, more: Partial<RunRecord> = {}): RunRecord => ({
  ...single,
  id,
  name,
  ...more,
});

function book(limit?: number) {
  const made = new RunBook(limit);
  const changes: RunChange[] = [];
  made.onDidChange((change) => changes.push(change));
  return { book: made, changes };
}

describe('the book of runs', () => {
  test('keeps runs in order, and finds the last of a subject', () => {
    const { book: runs } = book();
    const first = runs.add(run(1, 'a'));
    runs.add(run(2, 'b'));
    const third = runs.add(run(3, 'a'));
    expect(runs.latest).toBe(third);
    expect(runs.last({ uri: single.uri, name: 'a' })).toBe(third);
    expect(runs.find(first.key)).toBe(first);
    expect(runs.lastOf(single.uri).map((each) => each.record.id)).toEqual([2, 3]);
    expect(runs.last({ uri: single.uri, name: null })).toBeUndefined();
  });

  test('keeps a run once that comes by two ways, and twice when a new server counts from 1 again', () => {
    const { book: runs, changes } = book();
    runs.add(run(1, 'a'));
    runs.add(run(1, 'a'));
    expect(runs.all).toHaveLength(1);
    runs.add(run(1, 'a', { elapsedSeconds: 0.5 }));
    expect(runs.all).toHaveLength(2);
    expect(changes.map((change) => change.kind)).toEqual(['added', 'added']);
  });

  test('forgets the oldest beyond its limit, and says which', () => {
    const { book: runs, changes } = book(2);
    const keys = [1, 2, 3].map((id) => runs.add(run(id, `t${id}`)).key);
    expect(runs.all.map((each) => each.key)).toEqual(keys.slice(1));
    expect(changes.at(-1)).toEqual({ kind: 'removed', keys: keys.slice(0, 1) });
  });

  test('marks the last run of a name stale, and sound again after an undo', () => {
    const { book: runs, changes } = book();
    const { key } = runs.add(run(1, 'a'));
    runs.mark(single.uri, [
      { name: 'a', stale: true },
      { name: 'nothing', stale: true },
    ]);
    expect(runs.find(key)?.record.stale).toBe(true);
    runs.mark(single.uri, [{ name: 'a', stale: true }]);
    expect(changes.filter((change) => change.kind === 'changed')).toHaveLength(1);
    runs.mark(single.uri, [{ name: 'a', stale: false }]);
    expect(runs.find(key)?.record.stale).toBe(false);
  });

  test('marks everything stale when the server is gone', () => {
    const { book: runs } = book();
    runs.add(run(1, 'a'));
    runs.add(run(2, null));
    runs.markAll();
    expect(runs.all.map((each) => each.record.stale)).toEqual([true, true]);
  });

  test('runs from before come before all others, and give way to newer ones of their subject', () => {
    const { book: runs, changes } = book();
    runs.add(run(3, 'c'));
    runs.restore(run(1, 'a'));
    runs.restore(run(2, 'b'));
    runs.restore(run(4, 'c'));
    expect(runs.all.map((each) => each.record.id)).toEqual([1, 2, 3]);
    expect(changes.map((change) => change.kind)).toEqual(['added', 'restored', 'restored']);
    const key = runs.all[0]?.key ?? 0;
    runs.renew(key, run(9, 'a', { stale: true }));
    expect(runs.find(key)?.record).toMatchObject({ id: 9, stale: true });
  });

  test('marks earlier runs of a name as well: one of them may be what somebody looks at', () => {
    const { book: runs } = book();
    const before = runs.add(run(1, 'a', { fingerprint: 'old', stale: true }));
    const compared = runs.add(run(2, 'a', { fingerprint: 'new' }));
    const tested = runs.add(run(3, 'a', { fingerprint: 'new' }));
    const stale = () => [before, compared, tested].map(({ key }) => runs.find(key)?.record.stale);
    runs.mark(single.uri, [{ name: 'a', stale: true }]);
    expect(stale()).toEqual([true, true, true]);
    // After an undo; the first was made of another text.
    runs.mark(single.uri, [{ name: 'a', stale: false }]);
    expect(stale()).toEqual([true, false, false]);
  });

  test('says what is under way', () => {
    const { book: runs } = book();
    let told = 0;
    runs.onDidChangeRunning(() => told++);
    const reporter = runs.begin('Simulating a');
    expect(runs.running).toEqual([{ title: 'Simulating a', fraction: null }]);
    reporter.progress(0.5);
    reporter.progress(undefined);
    expect(runs.running).toEqual([{ title: 'Simulating a', fraction: 0.5 }]);
    reporter.end('done');
    reporter.progress(0.7);
    expect(runs.running).toEqual([]);
    expect(told).toBe(3);
  });

  test('says which run was cancelled, until another begins', () => {
    const { book: runs } = book();
    const first = runs.begin('Simulating a');
    first.end('cancelled');
    expect(runs.cancelled).toBe('Simulating a');
    const second = runs.begin('Simulating b');
    expect(runs.cancelled).toBeNull();
    // What replaces a run under way is what counts.
    const third = runs.begin('Simulating b');
    second.end('cancelled');
    expect(runs.cancelled).toBeNull();
    third.end('done');
    expect(runs.cancelled).toBeNull();
  });
});
