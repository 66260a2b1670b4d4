import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { EmptyFileSystem, TextDocument, URI } from 'langium';
import { CancellationToken } from 'vscode-languageserver';
import { createServerServices } from '../../../server/module.ts';
import type { RunOptions, RunRecord, RunVariant } from '../../../server/protocol.ts';

const example = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../examples/${name}.pcie`, import.meta.url)), 'utf8');

const server = `machine server {
  linux { iommu passthrough }
  socket cpu0 {
    memory 384 GiB at 460 GB/s
    peer-forwarding none
    root-port rp0 gen5 x16 {
      switch sw0 {
        acs off
        port p0 gen4 x16 { gpu gpu0 { link gen4 x16 } }
        port p1 gen4 x4 { nvme ssd0 { read-bandwidth 6.9 GB/s } }
      }
    }
    root-port rp1 gen4 x16 { gpu gpu1 { link gen4 x16 } }
  }
}
scenario step {
  at 0 us transfer near from ssd0 to gpu0 { size 1 GiB }
  at 10 ms transfer far from gpu1 to gpu0 { size 2 GiB }
  process train on gpu0 {
    stream s0 {
      copy h2d 64 MiB
      kernel 300 us
    }
  }
  expect makespan < 1 ms
}
`;

/** A long run on the machine of the lecture: transfers come, share links, and go, for more than a second. */
const long = example('lecture/03-ai-server').concat(`
scenario long {
  at 0 ms transfer shard-0 from ssd0 to gpu0 { size 2 GiB }
  at 350 ms transfer shard-1 from ssd0 to gpu1 { size 2 GiB }
  at 20 ms transfer samples from fpga0 to gpu1 { size 4 GiB }
  at 60 ms transfer swap-a from gpu0 to gpu2 { size 3 GiB }
  at 80 ms transfer swap-b from gpu1 to gpu3 { size 3 GiB }
  at 300 ms transfer gradients from gpu2 to nic0 { size 4 GiB }
  at 420 ms transfer staged from gpu3 to gpu0 {
    size 2 GiB
    via host
  }
  at 500 ms transfer checkpoint from gpu0 to cpu0 { size 3 GiB }
  at 600 ms transfer result from gpu3 to nic0 { size 1 GiB }
  process train on gpu0 {
    stream s0 {
      copy h2d 512 MiB
      kernel 120 ms
      copy d2h 256 MiB
      record done
    }
    stream s1 {
      wait done
      copy h2d 512 MiB
      kernel 90 ms
    }
  }
  expect makespan < 700 ms
  expect bandwidth of gradients >= 10 GB/s
}
`);

interface Sample {
  readonly text: string;
  readonly name: string;
  readonly variants?: readonly [RunVariant, RunVariant];
  readonly options?: RunOptions;
}

/** Runs that the server makes: what the view must be able to show whatever the recorded runs say. */
const samples = {
  live: { text: server, name: 'step' },
  long: { text: long, name: 'long' },
  packets: { text: example('lecture/30-training-step'), name: 'staged', options: { fidelity: 'packet' } },
  staged: { text: example('lecture/30-training-step'), name: 'staged' },
  queues: { text: example('nvme-queues'), name: 'vectors' },
  pipeline: { text: example('radar-pipeline'), name: 'through-memory' },
  'acs-off': { text: example('lecture/08-acs'), name: 'redirected', variants: ['written', 'acs-off'] },
  'gen5-variant': { text: long, name: 'long', variants: ['written', 'gen5'] },
  'through-host': { text: long, name: 'long', variants: ['p2p', 'host'] },
} as const satisfies Readonly<Record<string, Sample>>;
export type LiveName = keyof typeof samples;

/** All samples, run. */
export async function liveRecords(): Promise<ReadonlyMap<string, RunRecord>> {
  const { shared } = createServerServices(EmptyFileSystem);
  await shared.workspace.WorkspaceManager.initializeWorkspace([{ uri: 'file:///work', name: 'work' }]);
  const records = new Map<string, RunRecord>();
  for (const [key, sample] of Object.entries<Sample>(samples)) {
    const uri = URI.parse(`file:///work/${key}.pcie`);
    const document = TextDocument.create(uri.toString(), 'pcie', 1, sample.text);
    (shared.workspace.TextDocuments as unknown as { set(document: TextDocument): void }).set(document);
    await shared.workspace.DocumentBuilder.update([uri], []);
    const subject = { uri: uri.toString(), name: sample.name };
    const { Operations: operations } = shared;
    const record = await (sample.variants === undefined
      ? operations.simulate(subject, sample.options ?? {}, undefined, CancellationToken.None)
      : operations.compare(subject, sample.variants, {}, undefined, CancellationToken.None));
    // The pictures of a test are the same each time.
    records.set(key, { ...record, elapsedSeconds: 0.0042 });
  }
  return records;
}
