// biome-ignore-all lint/suspicious/noTemplateCurlyInString: LSP snippets look like this.
import type { ComponentKind } from '../../model/machine.ts';

/** What a keyword opens: how it is written, what it means, a piece of text with it, a snippet to start from. */
export interface KeywordDoc {
  readonly keyword: string;
  readonly shape: string;
  readonly doc: string;
  readonly example: string;
  /** In LSP snippet syntax. */
  readonly snippet: string;
}

const keyword = (name: string, shape: string, doc: string, example: string, snippet: string): KeywordDoc => ({
  keyword: name,
  shape,
  doc,
  example,
  snippet,
});

const device = (kind: ComponentKind, doc: string, example: string, name: string): KeywordDoc =>
  keyword(kind, `${kind} <name> [gen<n> x<n>] [: <part>] [{ … }]`, doc, example, `${kind} \${1:${name}} : \${2:part}`);

/** Kinds of components. */
export const componentDocs: Readonly<Record<ComponentKind, KeywordDoc>> = {
  socket: keyword(
    'socket',
    'socket <name> [: <part>] { … }',
    'A CPU socket with its root complex, its memory and its NUMA node. Root ports stand in it.',
    'socket cpu0 : epyc-9554 {\n  root-port rp0 gen5 x16\n}',
    'socket ${1:cpu0} : ${2:part} {\n\t$0\n}',
  ),
  chipset: keyword(
    'chipset',
    'chipset <name> [gen<n> x<n>] [: <part>] { … }',
    'A chipset (PCH) behind a DMI link. Its root ports share that link.',
    'chipset pch gen4 x8 {\n  root-port rp0 gen3 x4\n}',
    'chipset ${1:pch} gen${2:4} x${3:8} {\n\t$0\n}',
  ),
  'root-port': keyword(
    'root-port',
    'root-port <name> gen<n> x<n> { … }',
    'A root port of a socket or a chipset: the upper end of a link. One device, switch or bridge is plugged into it.',
    'root-port rp0 gen5 x16 {\n  gpu gpu0 : h100-pcie\n}',
    'root-port ${1:rp0} gen${2:5} x${3:16} {\n\t$0\n}',
  ),
  switch: keyword(
    'switch',
    'switch <name> [: <part>] { … }',
    'A PCIe switch. Its upstream port is the device that is plugged in; its downstream ports stand in the block.',
    'switch sw0 : pex89104 {\n  port p0 gen5 x16 { gpu gpu0 : h100-pcie }\n}',
    'switch ${1:sw0} : ${2:part} {\n\t$0\n}',
  ),
  port: keyword(
    'port',
    'port <name> gen<n> x<n> { … }',
    'A downstream port of a switch. One device, switch or bridge is plugged into it.',
    'port p0 gen4 x16 { gpu gpu0 : a100-pcie-80gb }',
    'port ${1:p0} gen${2:4} x${3:16} { $0 }',
  ),
  bridge: keyword(
    'bridge',
    'bridge <name> { … }',
    'A PCIe-to-PCI bridge with conventional PCI devices behind it.',
    'bridge b0 {\n  device serial0\n}',
    'bridge ${1:b0} {\n\t$0\n}',
  ),
  gpu: device('gpu', 'A GPU.', 'gpu gpu0 : a100-pcie-80gb', 'gpu0'),
  nvme: device('nvme', 'An NVMe drive.', 'nvme ssd0 : pm9a3', 'ssd0'),
  nic: device('nic', 'A network card.', 'nic nic0 : connectx-6', 'nic0'),
  fpga: device('fpga', 'An FPGA card.', 'fpga fpga0 : alveo-u50 { xdma h2c 4 c2h 4 }', 'fpga0'),
  sata: device('sata', 'A SATA (AHCI) controller: one queue of 32 commands.', 'sata sata0', 'sata0'),
  nvswitch: device('nvswitch', 'An NVSwitch: joins GPUs by NVLink, managed over PCIe.', 'nvswitch nvs0', 'nvs0'),
  device: device('device', 'Any other PCIe device.', 'device dev0 { bar 0 16 MiB }', 'dev0'),
};

/** Statements that are neither components nor properties, by keyword. */
export const statementDocs: Readonly<Record<string, KeywordDoc>> = {
  import: keyword(
    'import',
    'import "<file>.pcie"',
    'Makes what another file declares usable here. Paths are relative to this file.',
    'import "parts.pcie"',
    'import "$1"',
  ),
  machine: keyword(
    'machine',
    'machine <name> [: <machine>] { … }',
    'A machine: sockets with what hangs off them, firmware, kernel. With `: <machine>` it starts from another one.',
    'machine ai-server {\n  socket cpu0 : epyc-9554 {}\n}',
    'machine ${1:server} {\n\t$0\n}',
  ),
  part: keyword(
    'part',
    'part <kind> <name> [: <part>] { … }',
    'A part, declared once and used by name. With `: <part>` it inherits and overrides.',
    'part gpu my-gpu : a100-pcie-80gb {\n  vram 40 GiB\n}',
    'part ${1|gpu,nvme,nic,fpga,switch,socket,device,interconnect|} ${2:name} {\n\t$0\n}',
  ),
  template: keyword(
    'template',
    'template <name>($<parameter> = <default>, …) { … }',
    'A piece of structure with holes, filled in by `use`.',
    'template quad($gpu) {\n  port p[0..3] gen4 x16 { gpu gpu[0..3] : $gpu }\n}',
    'template ${1:name}(\\$${2:parameter}) {\n\t$0\n}',
  ),
  use: keyword(
    'use',
    'use <template>(<argument>, …)',
    'Puts in what a template says, with its parameters replaced.',
    'use quad(h100-sxm)',
    'use ${1:template}($0)',
  ),
  scenario: keyword(
    'scenario',
    'scenario <name> [on <machine>] { … }',
    'Work at chosen times that runs together: transfers, processes, jobs, and what is expected of it.',
    'scenario step {\n  at 0 us transfer from ssd0 to gpu0 { size 1 GiB }\n  expect makespan < 200 ms\n}',
    'scenario ${1:name} {\n\t$0\n}',
  ),
  transfer: keyword(
    'transfer',
    'transfer [<name>] from <device> to <device> [by <device>] { … }',
    'A copy of bytes from one device or memory to another.',
    'transfer load from ssd0 to gpu0 {\n  size 4 GiB\n  via p2p\n}',
    'transfer ${1:name} from ${2:device} to ${3:device} {\n\tsize ${4:1 GiB}\n}',
  ),
  connect: keyword(
    'connect',
    'connect <component> to <component> [: <part>] { … }',
    'A link beside PCIe: UPI or xGMI between sockets, NVLink or C2C between devices.',
    'connect cpu0 to cpu1 {\n  technology xgmi\n}',
    'connect ${1:cpu0} to ${2:cpu1} {\n\ttechnology ${3|upi,qpi,xgmi,nvlink,c2c,infinity-fabric|}\n}',
  ),
  override: keyword(
    'override',
    'override <component> [gen<n> x<n>] [: <part>] { … }',
    'Says something else of a component that a template or a base machine made.',
    'override gpu3 : h200-sxm',
    'override ${1:component} {\n\t$0\n}',
  ),
  namespace: keyword(
    'namespace',
    'namespace <name> { … }',
    'A namespace of an NVMe drive.',
    'namespace ns1 { size 1 TB }',
    'namespace ${1:ns1} { size ${2:1 TB} }',
  ),
  mig: keyword(
    'mig',
    'mig <name> { … }',
    'A MIG instance of a GPU.',
    'mig small { slices 3 }',
    'mig ${1:name} { slices ${2:3} }',
  ),
  partition: keyword(
    'partition',
    'partition <name> for <port> … [to <port>]',
    'A virtual switch made of some ports of one chip.',
    'partition a for p0 p1',
    'partition ${1:name} for ${2:port}',
  ),
  vm: keyword(
    'vm',
    'vm <name> for <device> … { … }',
    'A virtual machine and the devices passed through to it.',
    'vm guest for gpu0 nic0',
    'vm ${1:name} for ${2:device}',
  ),
  process: keyword(
    'process',
    'process <name> on <gpu> { … }',
    'A process that uses a GPU through streams.',
    'process train on gpu0 {\n  stream s0 { kernel 300 us }\n}',
    'process ${1:name} on ${2:gpu0} {\n\tstream ${3:s0} {\n\t\t$0\n\t}\n}',
  ),
  context: keyword(
    'context',
    'context <name> { … }',
    'A context of a process; its streams stand in it.',
    'context c0 {\n  stream s0 { kernel 300 us }\n}',
    'context ${1:name} {\n\t$0\n}',
  ),
  stream: keyword(
    'stream',
    'stream <name> { … }',
    'A stream: copies, kernels and events one after the other.',
    'stream s0 {\n  copy h2d 64 MiB\n  kernel 300 us\n}',
    'stream ${1:s0} {\n\t$0\n}',
  ),
  job: keyword(
    'job',
    'job <name> on <device> { … }',
    'A storage workload as fio describes it.',
    'job randread on ssd0 {\n  block 4 KiB\n  depth 32\n  pattern randread\n}',
    'job ${1:name} on ${2:device} {\n\t$0\n}',
  ),
  pipeline: keyword(
    'pipeline',
    'pipeline <name> { … }',
    'Stages that hand data on, one to the next.',
    'pipeline ingest {\n  stage read from nic0 to fpga0\n}',
    'pipeline ${1:name} {\n\t$0\n}',
  ),
  stage: keyword(
    'stage',
    'stage <name> from <device> to <device> { … }',
    'A step of a pipeline.',
    'stage read from nic0 to fpga0 { block 64 KiB }',
    'stage ${1:name} from ${2:device} to ${3:device} {\n\t$0\n}',
  ),
  collective: keyword(
    'collective',
    'collective <name> over <device> … { … }',
    'A collective operation of several GPUs.',
    'collective sync over gpu[0..7] {\n  size 1 GiB\n}',
    'collective ${1:name} over ${2:devices} {\n\tsize ${3:1 GiB}\n}',
  ),
  at: keyword(
    'at',
    'at <time> transfer … | process … | job …',
    'When a piece of work starts, counted from the start of the scenario.',
    'at 5 us transfer from gpu2 to nic0 { size 256 MiB }',
    'at ${1:0 us} $0',
  ),
  record: keyword(
    'record',
    'record <event>',
    'An event that happens when the stream comes to it.',
    'record done',
    'record ${1:done}',
  ),
  wait: keyword(
    'wait',
    'wait <event>',
    'The stream goes on when the event has happened.',
    'wait done',
    'wait ${1:event}',
  ),
  expect: keyword(
    'expect',
    'expect <figure> [of <name>] < | <= | > | >= | == | != <value> [within <share>]',
    'What has to hold. `expect path direct`, `expect bandwidth >= 6 GB/s`, `expect no finding p2p/acs-redirect`.',
    'expect bandwidth >= 6 GB/s',
    'expect ${1|bandwidth,latency,makespan,utilisation,path|} $0',
  ),
  allow: keyword(
    'allow',
    'allow <rule> "<reason>"',
    'Silences a rule here and below, with the reason.',
    'allow link/trained-below "x8 riser until March"',
    'allow ${1:rule} "${2:reason}"',
  ),
  firmware: keyword(
    'firmware',
    'firmware { … }',
    'What firmware set up: Above 4G Decoding, Resizable BAR, windows.',
    'firmware {\n  above-4g on\n}',
    'firmware {\n\t$0\n}',
  ),
  linux: keyword(
    'linux',
    'linux { … }',
    'The kernel’s part: version, IOMMU mode, payload policy, ACS options.',
    'linux {\n  iommu passthrough\n}',
    'linux {\n\t$0\n}',
  ),
  interconnect: keyword(
    'interconnect',
    'part interconnect <name> { … }',
    'A kind of part: a link beside PCIe, used by `connect`.',
    'part interconnect nvlink3 {\n  bandwidth 300 GB/s\n}',
    'interconnect ',
  ),
  source: keyword(
    'source',
    'source "<public address>" [{ … }]',
    'Where the figures in the block are stated.',
    'source "https://www.example.com/datasheet.pdf" {\n  vram 80 GiB\n}',
    'source "$1" {\n\t$0\n}',
  ),
};

/** Words that open a clause, by what they say. */
export const clauseDocs: Readonly<Record<string, string>> = {
  from: 'Where the data comes from.',
  to: 'Where the data goes, or the other end.',
  on: 'What the work runs on.',
  over: 'The devices that take part.',
  through: 'What the data passes.',
  after: 'The work that has to be done before.',
  for: 'What this is about.',
  by: 'Who masters the bus.',
  of: 'What the figure or the finding is about.',
  within: 'How far off the value may be.',
  finding: 'A finding of a rule.',
  no: 'There must be none.',
};
