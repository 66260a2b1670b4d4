/** The examples that ship with the extension: a listing, because the files of a web extension cannot be listed. */
export interface Example {
  /** Path below `examples/`. */
  readonly file: string;
  readonly title: string;
  readonly about: string;
}

export const shippedExamples: readonly Example[] = [
  {
    file: 'ai-server.pcie',
    title: 'AI server',
    about: 'One CPU, two PCIe switches, four GPUs, a drive, a NIC and an FPGA.',
  },
  {
    file: 'dgx-a100.pcie',
    title: 'Eight GPUs in two sockets',
    about: 'GPUs and NICs behind switches, in the structure of a DGX A100; a template used four times.',
  },
  {
    file: 'workstation.pcie',
    title: 'Workstation',
    about: 'Two GPUs on the CPU’s own lanes, a third and a drive behind the chipset.',
  },
  {
    file: 'single-board.pcie',
    title: 'Single-board computer',
    about: 'One Gen3 x1 slot.',
  },
  {
    file: 'storage-server.pcie',
    title: 'Storage server',
    about: '24 drives behind three switches, and a NIC that serves them.',
  },
  {
    file: 'nvme-queues.pcie',
    title: 'Queues of a drive',
    about: 'Queues, interrupt vectors and cores of one drive.',
  },
  {
    file: 'gpu-streams.pcie',
    title: 'Streams of a GPU',
    about: 'Page-locked and pageable memory, overlap of copies and kernels, MIG, the first call of a process.',
  },
  {
    file: 'radar-pipeline.pcie',
    title: 'From an FPGA to a GPU',
    about: 'A pipeline across a switch and through host memory, a new function for the FPGA, RDMA.',
  },
  {
    file: 'mistakes.pcie',
    title: 'Deliberate mistakes',
    about: 'Every finding where it stands, with what to do about it.',
  },
];
