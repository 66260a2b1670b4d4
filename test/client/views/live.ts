import { EmptyFileSystem, URI } from 'langium';
import { createPcieServices } from '../../../language/module.ts';
import { defaultSettings, type RunRecord } from '../../../server/protocol.ts';
import { shortNames } from '../../../server/runs/short-names.ts';
import { mergeWork, workEntries } from '../../../server/runs/work-items.ts';
import { simulate } from '../../../simulator/simulate.ts';

const text = `machine server {
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

/** A run as the engine makes it, from text: what the view must be able to show whatever the recorded runs say. */
export async function liveRecord(): Promise<RunRecord> {
  const { shared, pcie } = createPcieServices(EmptyFileSystem);
  const uri = URI.parse('file:///home/ada/machines/live.pcie');
  const document = shared.workspace.LangiumDocumentFactory.fromString(text, uri);
  shared.workspace.LangiumDocuments.addDocument(document);
  await shared.workspace.DocumentBuilder.build([document]);
  const entries = workEntries(pcie.Elaborations.get(document));
  const [first] = entries;
  if (first === undefined) throw new Error('Nothing in the sample can run.');
  const options = defaultSettings.simulation;
  const result = simulate(first.machine.machine, mergeWork(entries.map((entry) => entry.work)), options);
  return {
    id: 1,
    uri: uri.toString(),
    version: 1,
    name: 'step',
    options,
    variants: [{ variant: 'written', result }],
    stale: false,
    report: 'pcie-report:/result/result%20step.txt',
    elapsedSeconds: 0.001,
    shortNames: shortNames([result], [first.machine.names]),
  };
}
