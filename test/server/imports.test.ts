import { describe, expect, test } from 'vitest';
import { withNames } from '../../formats/pci/id-names.ts';
import { Harness } from './harness.ts';

const base64 = (text: string) => btoa(text);
/** A root port with a GPU, as `lspci -vvv` lists them. */
const listing = `00:01.0 PCI bridge [0604]: Intel Corporation Xeon E7 v4/Xeon E5 v4/Xeon E3 v4/Xeon D PCI Express Root Port 1 [8086:6f02] (rev 01)
	Bus: primary=00, secondary=01, subordinate=01, sec-latency=0
	Capabilities: [90] Express (v2) Root Port (Slot+), MSI 00
		LnkCap:	Port #0, Speed 8GT/s, Width x16, ASPM L1
		LnkSta:	Speed 8GT/s, Width x8
01:00.0 3D controller [0302]: NVIDIA Corporation GP100GL [Tesla P100 PCIe 16GB] [10de:15f8] (rev a1)
	Region 0: Memory at 90000000 (32-bit, non-prefetchable) [size=16M]
	Capabilities: [78] Express (v2) Endpoint, MSI 00
		LnkCap:	Port #0, Speed 8GT/s, Width x16, ASPM L0s L1
		LnkSta:	Speed 8GT/s, Width x8 (downgraded)
`;

describe('imports over the server', () => {
  test('make the text of a machine', async () => {
    const harness = await new Harness().start();
    const { text } = await harness.shared.Operations.importText([{ name: 'node7.lspci', base64: base64(listing) }]);
    expect(text).toMatch(/^machine node7 \{/m);
    expect(text).toMatch(/gpu0 : p100-pcie-16gb/);
    const opened = await harness.open(text);
    const errors = (opened.document.diagnostics ?? []).filter(({ severity }) => severity === 1);
    expect(errors.map(({ message }) => message)).toEqual([]);
  });

  test('name devices as the list of PCI IDs of the host does', async () => {
    const harness = await new Harness().start();
    const source = { name: 'node7.lspci', base64: base64('01:00.0 0200: 1234:5678\n02:00.0 0200: 1234:5678\n') };
    const plain = await harness.shared.Operations.importText([source]);
    harness.shared.Operations.addNames = (observed) => withNames(observed, '1234  A Maker\n\t5678  A Card\n');
    const named = await harness.shared.Operations.importText([source]);
    expect(plain.text).not.toContain('A Card');
    expect(named.text).toContain('/// A Maker A Card.');
  });

  test('are compared with a described machine by structure', async () => {
    const harness = await new Harness().start();
    const opened = await harness.open('machine m { socket c { root-port r gen3 x16 { gpu g : p100-pcie-16gb } } }');
    const { changes, text } = await harness.shared.Operations.differences(
      { uri: opened.uri },
      { name: 'node7.lspci', base64: base64(listing) },
    );
    expect(changes).toContainEqual(
      expect.objectContaining({ kind: 'changed', property: 'link.width', before: 16, after: 8 }),
    );
    expect(text).toMatch(/link\.width x16 -> x8/);
  });

  test('say which file cannot be read, and why', async () => {
    const harness = await new Harness().start();
    const broken = { name: 'a.xml', base64: base64('<topology version="2.0"><object type="Machine"') };
    await expect(harness.shared.Operations.importText([broken])).rejects.toThrow(/a\.xml/);
    await expect(harness.shared.Operations.importText([])).rejects.toThrow(/nothing to import/);
  });
});
