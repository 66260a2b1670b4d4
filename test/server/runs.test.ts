import { describe, expect, test } from 'vitest';
import { CancellationToken, CancellationTokenSource } from 'vscode-languageserver';
import type { RunRecord } from '../../server/protocol.ts';
import type { FromWorker, ToWorker, WorkerPort } from '../../server/runs/messages.ts';
import { type Job, Runner } from '../../server/runs/runner.ts';
import { RunStore } from '../../server/runs/store.ts';

/** A worker that answers when the test says so. */
class FakeWorker implements WorkerPort {
  readonly received: ToWorker[] = [];
  terminated = false;
  say: (message: FromWorker) => void = () => undefined;
  exit: (reason: string) => void = () => undefined;
  readonly #onPost: (message: ToWorker, worker: FakeWorker) => void;

  constructor(onPost: (message: ToWorker, worker: FakeWorker) => void) {
    this.#onPost = onPost;
  }

  post(message: ToWorker): void {
    this.received.push(message);
    queueMicrotask(() => this.#onPost(message, this));
  }
  onMessage(listener: (message: FromWorker) => void): void {
    this.say = listener;
  }
  onExit(listener: (reason: string) => void): void {
    this.exit = listener;
  }
  terminate(): void {
    this.terminated = true;
  }
}

const job = { machine: {}, work: {}, options: {} } as unknown as Job;
const outcome = (seed: number) => ({
  result: { seed, fidelity: 'flow' as const, runs: [] },
  explanations: [],
});
const none = () => undefined;

describe('the runner', () => {
  test('runs one job after the other in one worker', async () => {
    const workers: FakeWorker[] = [];
    const runner = new Runner(() => {
      const worker = new FakeWorker((message, self) =>
        self.say({ kind: 'done', id: message.id, ...outcome(message.id) }),
      );
      workers.push(worker);
      return worker;
    });
    const runs = [1, 2, 3].map(() => runner.run(job, CancellationToken.None, none));
    expect((await Promise.all(runs)).map((each) => each.result.seed)).toEqual([1, 2, 3]);
    expect(workers).toHaveLength(1);
    expect(workers[0]?.received).toHaveLength(3);
  });

  test('passes progress on, and drops answers of another run', async () => {
    const seen: number[] = [];
    const runner = new Runner(
      () =>
        new FakeWorker((message, self) => {
          self.say({ kind: 'progress', id: message.id, fraction: 0.5 });
          self.say({ kind: 'progress', id: message.id + 7, fraction: 0.9 });
          self.say({ kind: 'done', id: message.id + 7, ...outcome(99) });
          self.say({ kind: 'done', id: message.id, ...outcome(1) });
        }),
    );
    expect((await runner.run(job, CancellationToken.None, (fraction) => seen.push(fraction))).result.seed).toBe(1);
    expect(seen).toEqual([0.5]);
  });

  test('cancels by the shared flag when the worker looks at it', async () => {
    const source = new CancellationTokenSource();
    const worker = new FakeWorker((message, self) => {
      source.cancel();
      expect(message.cancel === null ? -1 : Atomics.load(message.cancel, 0)).toBe(1);
      self.say({ kind: 'cancelled', id: message.id });
    });
    const runner = new Runner(() => worker);
    await expect(runner.run(job, source.token, none)).rejects.toMatchObject({ name: 'SimulationCancelled' });
    expect(worker.terminated).toBe(false);
  });

  test('ends a worker that does not stop, and starts another for the next job', async () => {
    const workers: FakeWorker[] = [];
    const source = new CancellationTokenSource();
    const runner = new Runner(() => {
      const isFirst = workers.length === 0;
      const worker = new FakeWorker((message, self) => {
        if (isFirst) source.cancel();
        else self.say({ kind: 'done', id: message.id, ...outcome(2) });
      });
      workers.push(worker);
      return worker;
    });
    const stuck = runner.run(job, source.token, none);
    const next = runner.run(job, CancellationToken.None, none);
    await expect(stuck).rejects.toMatchObject({ name: 'SimulationCancelled' });
    // Whoever cancelled knows at once; the worker has its time to notice.
    expect(workers[0]?.terminated).toBe(false);
    expect((await next).result.seed).toBe(2);
    expect(workers[0]?.terminated).toBe(true);
    expect(workers).toHaveLength(2);
  });

  test('says that the worker died, and starts another', async () => {
    const workers: FakeWorker[] = [];
    const runner = new Runner(() => {
      const isFirst = workers.length === 0;
      const worker = new FakeWorker((message, self) => {
        if (isFirst) self.exit('out of memory');
        else self.say({ kind: 'done', id: message.id, ...outcome(2) });
      });
      workers.push(worker);
      return worker;
    });
    await expect(runner.run(job, CancellationToken.None, none)).rejects.toThrow(/out of memory/);
    expect((await runner.run(job, CancellationToken.None, none)).result.seed).toBe(2);
  });

  test('does not start what is cancelled already', async () => {
    const worker = new FakeWorker(none);
    const runner = new Runner(() => worker);
    await expect(runner.run(job, CancellationToken.Cancelled, none)).rejects.toMatchObject({
      name: 'SimulationCancelled',
    });
    expect(worker.received).toEqual([]);
  });

  test('passes the error of the engine on', async () => {
    const runner = new Runner(
      () =>
        new FakeWorker((message, self) =>
          self.say({ kind: 'failed', id: message.id, message: 'no such component', stack: '' }),
        ),
    );
    await expect(runner.run(job, CancellationToken.None, none)).rejects.toThrow('no such component');
  });
});

describe('the store of runs', () => {
  const record = (id: number, name: string | null): RunRecord => ({
    id,
    uri: 'file:///a.pcie',
    version: 1,
    name,
    options: { fidelity: 'flow', tax: 'measured', seed: 1 },
    variants: [],
    comparison: null,
    stale: false,
    fingerprint: '',
    report: '',
    elapsedSeconds: 0,
  });

  test('keeps the last run of each subject', () => {
    const store = new RunStore();
    store.put(record(1, 'load'), new Map(), []);
    store.put(record(2, null), new Map(), []);
    store.put(record(3, 'load'), new Map(), []);
    expect(store.last('file:///a.pcie', 'load')?.id).toBe(3);
    expect(store.last('file:///a.pcie', null)?.id).toBe(2);
    expect(store.last('file:///a.pcie', 'other')).toBeNull();
    expect(store.all('file:///a.pcie').map((each) => each.id)).toEqual([3, 2]);
    expect(store.find(1)?.record.id).toBe(1);
    store.forget('file:///a.pcie');
    expect(store.all('file:///a.pcie')).toEqual([]);
    expect(store.find(1)).toBeUndefined();
  });

  test('a run is stale while one of its texts is another', () => {
    const store = new RunStore();
    const texts = new Map([
      ['file:///a.pcie', 'one'],
      ['file:///parts.pcie', 'two'],
    ]);
    store.put(record(1, 'load'), texts, []);
    const now = new Map(texts);
    const refresh = () => store.refresh('file:///a.pcie', (uri) => now.get(uri)).map((each) => each.stale);
    expect(refresh()).toEqual([]);
    now.set('file:///parts.pcie', 'changed');
    expect(refresh()).toEqual([true]);
    expect(refresh()).toEqual([]);
    now.set('file:///parts.pcie', 'two');
    expect(refresh()).toEqual([false]);
    now.delete('file:///parts.pcie');
    expect(refresh()).toEqual([true]);
  });
});
