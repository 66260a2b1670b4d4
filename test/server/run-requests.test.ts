import { EmptyFileSystem, TextDocument, URI } from 'langium';
import { describe, expect, test } from 'vitest';
import { CancellationToken } from 'vscode-languageserver';
import { createServerServices } from '../../server/module.ts';
import type { RunVariant } from '../../server/protocol.ts';

const text = `machine m {
  linux { iommu passthrough }
  socket cpu0 : epyc-9554 {
    memory 384 GiB at 460 GB/s
    root-port rp0 gen4 x16 {
      switch sw0 {
        link gen4 x16
        acs SV RR CR UF
        port p0 gen4 x16 { gpu gpu0 { link gen4 x16 } }
        port p1 gen4 x16 { gpu gpu1 { link gen4 x8 } }
      }
    }
  }
}
scenario both {
  transfer there from gpu0 to gpu1 { size 1 GiB }
  transfer back from gpu1 to gpu0 { size 1 GiB }
}
`;

async function opened(source = text) {
  const { shared } = createServerServices(EmptyFileSystem);
  await shared.workspace.WorkspaceManager.initializeWorkspace([{ uri: 'file:///work', name: 'work' }]);
  const uri = URI.parse('file:///work/m.pcie');
  const open = async (content: string, version: number): Promise<void> => {
    const document = TextDocument.create(uri.toString(), 'pcie', version, content);
    (shared.workspace.TextDocuments as unknown as { set(document: TextDocument): void }).set(document);
    await shared.workspace.DocumentBuilder.update([uri], []);
  };
  await open(source, 1);
  const { Operations: operations } = shared;
  const subject = { uri: uri.toString(), name: 'both' };
  const compare = (variants: readonly [RunVariant, RunVariant]) =>
    operations.compare(subject, variants, {}, undefined, CancellationToken.None);
  const simulate = () => operations.simulate(subject, {}, undefined, CancellationToken.None);
  return { operations, subject, compare, simulate, open };
}

describe('variants', () => {
  test('only those that differ from the text are offered', async () => {
    const { operations, subject } = await opened();
    const choices = operations.variants(subject);
    const names = choices.map(({ variant }) => variant);
    expect(names).toEqual(['written', 'p2p', 'host', 'acs-off', 'iommu-off', 'gen3', 'gen5', 'gen6']);
    expect(choices.find(({ variant }) => variant === 'acs-off')?.description).toContain('3 ports');
    expect(choices.find(({ variant }) => variant === 'gen5')?.description).toContain('3 links');
  });

  test('without ACS redirection peers keep off the uplink', async () => {
    const { compare } = await opened();
    const { comparison, variants } = await compare(['written', 'acs-off']);
    expect(variants.map(({ label }) => label)).toEqual(['As written', 'ACS off']);
    for (const { before, after } of comparison?.transfers ?? []) {
      expect(before?.route).toBe('host-bridge');
      expect(after?.route).toBe('direct');
    }
    const uplink = comparison?.use.find(({ name, direction }) => name === 'cpu0.rp0' && direction === 'up');
    expect(uplink?.before).toBeGreaterThan(0.9);
    expect(uplink?.after).toBe(0);
  });

  test('a generation more is twice the rate where links limit', async () => {
    const { compare } = await opened();
    const { comparison } = await compare(['written', 'gen5']);
    expect(comparison?.speedup).toBeGreaterThan(1.8);
    expect(comparison?.speedup).toBeLessThan(2.2);
  });

  test('peer-to-peer comes after the way through host memory', async () => {
    const { compare } = await opened();
    const { comparison } = await compare(['p2p', 'host']);
    expect(comparison?.before.label).toBe('Through host memory');
    expect(comparison?.after.label).toBe('Peer-to-peer');
  });
});

describe('runs of a server before', () => {
  test('are good again where the text is what ran, and can be traced', async () => {
    const { simulate } = await opened();
    const record = await simulate();
    const { operations, subject } = await opened();
    const restored = operations.restoreRun(record);
    expect(restored).toMatchObject({ stale: false, variants: record.variants });
    expect(operations.lastRun(subject)).toEqual(restored);
    const { text: trace } = await operations.exportRun(restored.id, 'perfetto', undefined, CancellationToken.None);
    expect(JSON.parse(trace).traceEvents.length).toBeGreaterThan(5);
  });

  test('are stale where the text is another, and give way to a newer run', async () => {
    const { simulate } = await opened();
    const record = await simulate();
    const later = await opened(text.replace('size 1 GiB', 'size 3 GiB'));
    const restored = later.operations.restoreRun(record);
    expect(restored.stale).toBe(true);
    await expect(
      later.operations.exportRun(restored.id, 'perfetto', undefined, CancellationToken.None),
    ).rejects.toThrow(/run it again/);
    const own = await later.simulate();
    expect(later.operations.restoreRun(record)).toEqual(own);
  });
});

describe('runs that are kept', () => {
  test('an earlier and a later run are compared by their ids', async () => {
    const { operations, simulate, open } = await opened();
    const first = await simulate();
    await open(text.replace('size 1 GiB', 'size 2 GiB'), 2);
    const second = await simulate();
    const comparison = operations.compareRuns(first.id, second.id);
    expect(comparison.before.label).toBe('both, earlier run');
    expect(comparison.transfers[0]?.after?.seconds).toBeGreaterThan(comparison.transfers[0]?.before?.seconds ?? 0);
    expect(() => operations.compareRuns(first.id, 99)).toThrow(/not kept/);
  });

  test('as JSON, as one table, and as a trace', async () => {
    const { operations, compare } = await opened();
    const { id } = await compare(['written', 'acs-off']);
    const as = (format: 'json' | 'csv' | 'perfetto') =>
      operations.exportRun(id, format, undefined, CancellationToken.None);

    const json = await as('json');
    expect(json.fileName).toBe('both.json');
    // What the view says of both together as well.
    expect(JSON.parse(json.text).comparison).toMatchObject({
      before: { label: 'As written' },
      after: { label: 'ACS off' },
    });
    expect(JSON.parse(json.text).variants.map((one: { label: string }) => one.label)).toEqual([
      'As written',
      'ACS off',
    ]);

    const csv = await as('csv');
    const [head, ...rows] = csv.text.trimEnd().split('\r\n');
    const columns = head?.split(',') ?? [];
    expect(columns.slice(0, 4)).toEqual(['variant', 'run', 'kind', 'name']);
    for (const row of rows)
      expect(row.match(/("([^"]|"")*"|[^,]*)(,|$)/g)?.length, row).toBeGreaterThanOrEqual(columns.length);
    expect(new Set(rows.map((row) => row.split(',')[2]))).toEqual(
      new Set(['transfer', 'phase', 'link', 'resource', 'latency', 'use']),
    );

    const trace = JSON.parse((await as('perfetto')).text);
    const runs = trace.traceEvents.filter((event: { name: string }) => event.name === 'process_name');
    expect(runs.map((event: { args: { name: string } }) => event.args.name)).toEqual([
      'As written: both',
      'ACS off: both',
    ]);
    expect(
      trace.traceEvents.some((event: { name: string; ph: string }) => event.ph === 'X' && event.name === 'there'),
    ).toBe(true);
  });
});

describe('what is expected', () => {
  const source = `machine m {
  socket cpu0 {
    memory 64 GiB
    root-port rp[0..1] gen4 x16 { gpu gpu[0..1] { link gen4 x16 } }
  }
  expect finding p2p/other-socket
}
transfer one from gpu0 to gpu1 {
  size 1 GiB
}
transfer all from cpu0.memory to gpu[0..1] {
  size 1 GiB
  expect bandwidth > 1 GB/s
}
scenario train {
  process p on gpu0 {
    copy h2d 64 MiB
    expect time < 1 us
  }
}
expect bandwidth of one < 1 TB/s
`;

  test('every line is a test of its own: of transfers, of processes, of a machine and of the file', async () => {
    const { operations, subject } = await opened(source);
    const items = operations.workItems(subject.uri);
    const lines = items.flatMap(({ name, kind, expectations }) =>
      expectations.map(({ text: said, range }) => `${kind} ${name}: ${range.start.line} ${said}`),
    );
    expect(lines).toEqual([
      'transfer all: 12 expect bandwidth > 1 GB/s',
      'scenario train: 17 expect time < 1 us',
      'machine m: 5 expect finding p2p/other-socket',
      'machine m: 20 expect bandwidth of one < 1 TB/s',
    ]);
    const record = await operations.simulate({ ...subject, name: 'm' }, {}, undefined, CancellationToken.None);
    const judged = record.variants.flatMap(({ result }) => result.runs.flatMap((run) => run.expectations));
    const verdicts = new Map(judged.map(({ range, passed }) => [range.offset, passed]));
    const offsets = items.flatMap(({ expectations }) => expectations.map(({ offset }) => offset));
    expect(offsets.map((offset) => verdicts.get(offset))).toEqual([true, false, false, true]);
  });
});

test('queues of packets are in the table that is exported', async () => {
  const { operations, subject } = await opened();
  const record = await operations.simulate(subject, { fidelity: 'packet' }, undefined, CancellationToken.None);
  const { text: csv } = await operations.exportRun(record.id, 'csv', undefined, CancellationToken.None);
  const [head = '', ...rows] = csv.trim().split('\r\n');
  const column = head.split(',').indexOf('packets');
  const queues = rows.filter((row) => row.split(',')[2] === 'queue');
  expect(queues.length).toBeGreaterThan(1);
  for (const row of queues) expect(Number(row.split(',')[column])).toBeGreaterThanOrEqual(0);
});
