/** One small machine in the three schemas of hwloc's XML: two nodes, a switch with a GPU and a drive, a NIC of two functions. */
export function fixture(version: 1 | 2 | 3): string {
  const revision = (programming: string) => (version === 3 ? ` 01 ${programming}` : ' 01');
  const osdev = (kind: 'block' | 'gpu' | 'net' | 'dma', name: string) => {
    const number =
      version === 3 ? { block: 1, gpu: 12, net: 16, dma: 64 }[kind] : { block: 0, gpu: 5, net: 2, dma: 4 }[kind];
    return `<object type="OSDev" name="${name}" osdev_type="${number}" gp_index="${name.length + 90}"/>`;
  };
  const infos =
    '<info name="OSName" value="Linux"/><info name="OSRelease" value="6.1.0-9-amd64"/><info name="HostName" value="node7"/>';
  const pci = (type: string, gp: number, busid: string, id: string, speed: string, inside = '') =>
    `<object type="PCIDev" gp_index="${gp}" pci_busid="${busid}" pci_type="${type} [${id}] [10de:1000]${revision('02')}" pci_link_speed="${speed}">${inside}</object>`;
  const bridge = (gp: number, busid: string, buses: string, id: string, speed: string, inside: string) =>
    `<object type="Bridge" gp_index="${gp}" bridge_type="1-1" depth="1" bridge_pci="0000:[${buses}]" pci_busid="${busid}" pci_type="0604 [${id}] [0000:0000]${revision('00')}" pci_link_speed="${speed}">
<info name="PCIVendor" value="Broadcom / LSI"/>
${inside}</object>`;
  const io0 = `<object type="Bridge" gp_index="50" bridge_type="0-1" depth="0" bridge_pci="0000:[00-04]">
${bridge(
  51,
  '0000:00:01.0',
  '01-04',
  '8086:352a',
  '63.015385',
  bridge(
    52,
    '0000:01:00.0',
    '02-04',
    '1000:c030',
    '63.015385',
    bridge(
      53,
      '0000:02:00.0',
      '03-03',
      '1000:c030',
      '63.015385',
      pci('0302', 54, '0000:03:00.0', '10de:2330', '63.015385', osdev('gpu', 'nvml0')),
    ) +
      bridge(
        55,
        '0000:02:01.0',
        '04-04',
        '1000:c030',
        '0.250000',
        pci('0108', 56, '0000:04:00.0', '144d:a80a', '0.250000', osdev('block', 'nvme0n1')),
      ),
  ),
)}</object>`;
  const io1 = `<object type="Bridge" gp_index="60" bridge_type="0-1" depth="0" bridge_pci="0000:[80-81]">
${bridge(
  61,
  '0000:80:00.0',
  '81-81',
  '8086:352a',
  '31.507692',
  pci('0200', 62, '0000:81:00.0', '15b3:1021', '31.507692', osdev('net', 'eth0') + osdev('dma', 'dma0chan0')) +
    pci('0200', 63, '0000:81:00.1', '15b3:1021', '31.507692', osdev('net', 'eth1')),
)}</object>`;
  const matrix = `<distances2 type="PCIDev" nbobjs="2" kind="10" name="NVLinkBandwidth" indexing="gp"><indexes length="6">54 62 </indexes><u64values length="16">0 25000 25000 0 </u64values></distances2>`;
  const cores = (first: number) =>
    [first, first + 1]
      .map(
        (core) =>
          `<object type="Core" os_index="${core}" cpuset="0x${(1 << core).toString(16)}"><object type="PU" os_index="${core}" cpuset="0x${(1 << core).toString(16)}"/></object>`,
      )
      .join('');
  const cpu = `<info name="CPUVendor" value="GenuineIntel"/><info name="CPUFamilyNumber" value="6"/><info name="CPUModelNumber" value="143"/><info name="CPUModel" value="Some Xeon"/>`;
  const half = (node: number, io: string) => {
    const set = `nodeset="0x0000000${1 << node}" cpuset="0x${(3 << (2 * node)).toString(16)}"`;
    if (version === 1) {
      return `<object type="NUMANode" os_index="${node}" ${set} local_memory="8589934592"><page_type size="4096" count="2"/>
<object type="Socket" os_index="${node}" ${set}>${cpu}${cores(2 * node)}</object>${io}</object>`;
    }
    return `<object type="Package" os_index="${node}" ${set}>${cpu}<object type="NUMANode" os_index="${node}" ${set} local_memory="8589934592"/>${cores(2 * node)}${io}</object>`;
  };
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE topology SYSTEM "${version === 1 ? 'hwloc' : 'hwloc2'}.dtd">
<topology${version === 1 ? '' : ` version="${version}.0"`}>
<object type="Machine" os_index="0" nodeset="0x00000003" cpuset="0xf">${version === 3 ? '' : infos}
${half(0, io0)}
${half(1, io1)}
</object>
${version === 1 ? '' : matrix}${version === 3 ? infos : ''}
</topology>
`;
}
