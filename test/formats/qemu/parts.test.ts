import { EmptyFileSystem, URI } from 'langium';
import { describe, expect, it } from 'vitest';
import { qemuMachine } from '../../../formats/qemu/machine.ts';
import { writeQemuArguments } from '../../../formats/qemu/write.ts';
import { createPcieServices } from '../../../language/module.ts';
import { loadCatalogue } from '../../../language/services/catalogue.ts';
import { effectiveAcs } from '../../../model/isolation/acs.ts';
import type { Component, Machine } from '../../../model/machine.ts';

/** Parts of the catalogue that are QEMU's, each as a kind in a machine and as an option. */
const endpoints = [
  ['nvme', 'qemu-nvme', 'nvme'],
  ['nic', 'qemu-e1000e', 'e1000e'],
  ['nic', 'qemu-vmxnet3', 'vmxnet3'],
  ['nic', 'virtio-net', 'virtio-net-pci'],
  ['gpu', 'qemu-qxl', 'qxl'],
  ['gpu', 'bochs-display', 'bochs-display'],
  ['device', 'qemu-pci-testdev', 'pci-testdev'],
  ['device', 'qemu-edu', 'edu'],
  ['device', 'ivshmem', 'ivshmem-plain'],
  ['device', 'qemu-xhci', 'qemu-xhci'],
  ['sata', 'ich9-ahci', 'ich9-ahci'],
  ['device', 'qemu-megasas', 'megasas'],
  ['device', 'qemu-pvscsi', 'pvscsi'],
] as const;

const text = `machine parts {
  socket cpu {
${endpoints.map(([kind, part], index) => `    root-port rp${index} : qemu-root-port { ${kind} it${index} : ${part} }`).join('\n')}
    root-port old : ioh3420 {
      switch sw : x3130-upstream {
        port plain : xio3130-downstream
        port isolating : qemu-port
      }
    }
    bridge br : qemu-pci-bridge
  }
}
`;

const options = [
  ...endpoints.flatMap(([, , type], index) => [
    `-device pcie-root-port,id=rp${index}`,
    `-device ${type},id=it${index},bus=rp${index}`,
  ]),
  '-device ioh3420,id=old',
  '-device x3130-upstream,id=sw,bus=old',
  '-device xio3130-downstream,id=plain,bus=sw',
  '-device pcie-root-port,id=isolating,bus=sw',
  '-device pcie-pci-bridge,id=br',
].join('\n');

async function machineOf(source: string): Promise<Machine> {
  const { shared, pcie } = createPcieServices(EmptyFileSystem);
  const document = shared.workspace.LangiumDocumentFactory.fromString(source, URI.parse('file:///parts.pcie'));
  shared.workspace.LangiumDocuments.addDocument(document);
  await shared.workspace.DocumentBuilder.build([...loadCatalogue(shared), document], { validation: true });
  expect((document.diagnostics ?? []).filter((one) => one.severity === 1)).toEqual([]);
  const [machine] = pcie.Elaborations.get(document).machines;
  if (machine === undefined) throw new Error('no machine');
  return machine.machine;
}

const find = (machine: Machine, label: string): Component => {
  const found = machine.components.find((one) => one.label === label);
  if (found === undefined) throw new Error(`no ${label}`);
  return found;
};

describe('QEMU’s parts in the catalogue', async () => {
  const ours = await machineOf(text);
  const qemu = qemuMachine(options);
  const labels = [...endpoints.map((_, index) => `it${index}`), 'rp0', 'old', 'sw', 'plain', 'isolating', 'br'];
  const facts = (machine: Machine, label: string) => {
    const one = find(machine, label);
    const { vendorId, deviceId } = one.settings;
    return { kind: one.kind, vendorId, deviceId, bars: one.bars, acs: effectiveAcs(machine, one.id).capability };
  };

  it.each(labels)('%s is what QEMU shows', (label) => {
    expect(facts(ours, label)).toEqual(facts(qemu, label));
  });

  it('are written as the devices that they are', () => {
    const written = writeQemuArguments(ours);
    expect(written.notes).toEqual([]);
    for (const [index, [, , type]] of endpoints.entries()) {
      expect(written.text).toMatch(new RegExp(`-device ${type},id=it${index},`));
    }
    for (const type of [
      'ioh3420,hotplug=off,id=old',
      'xio3130-downstream,hotplug=off,id=plain',
      'pcie-root-port,hotplug=off,id=isolating',
      'pcie-pci-bridge,id=br',
    ]) {
      expect(written.text).toContain(`-device ${type}`);
    }
  });
});
