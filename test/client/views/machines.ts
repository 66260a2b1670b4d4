import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { EmptyFileSystem, TextDocument, URI } from 'langium';
import type { EnumerateJson, MatrixJson, PathJson } from '../../../server/contract.types.ts';
import type { Diagram, DiagramLoad } from '../../../server/diagram/diagram.types.ts';
import { createServerServices } from '../../../server/module.ts';

const example = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../../examples/${name}.pcie`, import.meta.url)), 'utf8');

/** Two sockets, trays from a template, links that train low, free ports, connections beside PCIe, work that loads it. */
const box = `template tray($drives) {
  switch sw {
    link gen5 x16
    acs off
    port g[0..1] gen4 x16 { gpu gpu[0..1] : a100-sxm-80gb }
    port d[0..$drives - 1] gen4 x4 { nvme ssd[0..$drives - 1] : pm9a3 }
    port n0 gen4 x16 { nic nic0 : connectx-6 }
    port free gen4 x8
  }
}
machine box {
  linux { iommu translate }
  socket cpu0 : epyc-9554 {
    numa 0
    memory 768 GiB at 460 GB/s
    root-port rp0 gen5 x16 { use tray(2) }
    root-port rp1 gen5 x16 { use tray(2) }
    root-port boot gen3 x2 { nvme boot0 { link gen4 x4 } }
    root-port slow gen4 x16 { wired x8
      fpga fpga0 { link gen4 x16 } }
    root-port spare gen5 x16
  }
  socket cpu1 : epyc-9554 {
    numa 1
    memory 768 GiB at 460 GB/s
    root-port rp0 gen5 x16 { use tray(2) }
    root-port rp1 gen5 x16 { use tray(2) }
    root-port spare gen5 x16
  }
  connect cpu0 to cpu1 {
    technology xgmi
    bandwidth 64 GB/s
  }
  connect cpu0.rp0.gpu0 to cpu0.rp0.gpu1 {
    technology nvlink
    links 12
    bandwidth 300 GB/s
  }
}
transfer load from cpu0.rp0.ssd0 to cpu0.rp0.gpu0 { size 4 GiB }
scenario busy {
  at 0 us transfer from cpu0.rp0.ssd0 to cpu0.rp0.gpu0 { size 1 GiB }
  at 0 us transfer from cpu0.rp0.gpu1 to cpu1.rp1.gpu1 { size 4 GiB }
  at 0 us transfer from cpu1 to cpu1.rp0.nic0 { size 2 GiB }
}
`;

/** A machine with as many drives as one asks for: 8 sockets, switches of 16 ports. */
export const many = (devices: number): string => {
  const switches = Math.ceil(devices / 16 / 8);
  return `machine many {
  socket cpu[0..7] {
    root-port rp[0..${switches - 1}] gen5 x16 {
      switch sw {
        link gen5 x16
        port p[0..15] gen4 x4 { nvme ssd[0..15] { link gen4 x4 } }
      }
    }
  }
}
`;
};

export const machineTexts = {
  'ai-server': example('ai-server'),
  'dgx-a100': example('dgx-a100'),
  workstation: example('workstation'),
  mistakes: example('mistakes'),
  box,
  many: many(1024),
} as const;
export type MachineName = keyof typeof machineTexts;

/** Machines for the views of one machine alone: what finds no place, virtual functions, no way for peers. */
const own = {
  cramped: `machine cramped {
  firmware {
    above-4g off
    window 256 MiB below 4g
  }
  linux { iommu off }
  socket cpu0 {
    root-port rp0 gen4 x16 {
      gpu gpu0 {
        bar 0 16 MiB 32-bit
        bar 1 64 GiB 64-bit prefetchable
      }
    }
    root-port rp1 gen4 x8 {
      nic nic0 {
        bar 0 512 MiB 32-bit
        sriov {
          total-vfs 8
          enabled-vfs 8
          bar 0 64 KiB 64-bit prefetchable
        }
      }
    }
    root-port rp2 gen4 x4 {
      nvme ssd0 { bar 0 16 KiB 64-bit }
    }
  }
}
`,
} as const;
export const viewTexts = { ...machineTexts, ...own } as const;
export type ViewData = keyof typeof viewTexts;

/** What a run made of the links: recorded, so that the picture is looked at without the simulator. */
export const loads: Readonly<Partial<Record<MachineName, DiagramLoad>>> = {
  box: {
    run: 'busy',
    stale: false,
    links: {
      'cpu0.rp0.sw.d0': { up: 0.98, down: 0.02 },
      'cpu0.rp0.sw.g0': { up: 0.01, down: 0.27 },
      'cpu0.rp0.sw.g1': { up: 0.81, down: 0.04 },
      'cpu0.rp0': { up: 0.42, down: 0.02 },
      'cpu1.rp1': { up: 0.02, down: 0.42 },
      'cpu1.rp1.sw.g1': { up: 0.04, down: 0.81 },
      'cpu1.rp0': { up: 0, down: 0.2 },
      'cpu1.rp0.sw.n0': { up: 0, down: 0.39 },
    },
    resources: { 'cpu1.memory': 0.05, cpu0: 0.6, 'cpu0.rp0.sw.d0.ssd0': 1, 'cpu1.rp0.sw.n0.nic0': 0.4 },
    limits: [
      {
        name: 'cpu0.rp0.ssd0',
        at: 'cpu0.rp0.sw.d0.ssd0',
        kind: 'device',
        share: 1,
        holds: ['cpu0.rp0.ssd0 -> cpu0.rp0.gpu0 (busy)'],
        holdsCount: 1,
      },
    ],
  },
  'ai-server': {
    run: 'step',
    stale: true,
    links: { 'cpu0.rp0.sw0.p2': { up: 0.97, down: 0.01 }, 'cpu0.rp0.sw0.p0': { up: 0.05, down: 0.74 } },
    resources: {},
    limits: [{ name: 'sw0.p2', at: 'cpu0.rp0.sw0.p2', kind: 'link', share: 0.9, holds: ['load'], holdsCount: 1 }],
  },
};

/** A server over these machines, for views that run alone: what it answers is what the extension would. */
export class Answers {
  readonly #services = createServerServices(EmptyFileSystem);
  #version = 1;

  async start(): Promise<this> {
    await this.#services.shared.workspace.WorkspaceManager.initializeWorkspace([{ uri: 'file:///work', name: 'work' }]);
    return this;
  }

  async diagram(name: string, text: string): Promise<Diagram | null> {
    const { shared } = this.#services;
    const uri = URI.parse(`file:///work/${name}.pcie`);
    const document = TextDocument.create(uri.toString(), 'pcie', this.#version++, text);
    (shared.workspace.TextDocuments as unknown as { set(document: TextDocument): void }).set(document);
    await shared.workspace.DocumentBuilder.update([uri], []);
    return shared.Operations.diagrams.watch({ uri: uri.toString(), name: null })?.diagram ?? null;
  }

  path(name: string, from: string, to: string): PathJson {
    return this.#services.shared.Operations.path({ uri: `file:///work/${name}.pcie`, name: null, from, to }).data;
  }

  matrix(name: string): MatrixJson {
    return this.#services.shared.Operations.matrix({ uri: `file:///work/${name}.pcie`, name: null }).data;
  }

  enumerate(name: string): EnumerateJson {
    return this.#services.shared.Operations.enumerate({ uri: `file:///work/${name}.pcie`, name: null }).data;
  }
}
