import type { DiagramNode } from '../../../../server/diagram/diagram.types.ts';

/** Line drawings of 16 by 16. */
const paths: Readonly<Record<DiagramNode['kind'], string>> = {
  socket:
    'M3 3h10v10H3zM6 6h4v4H6zM5 3V1M8 3V1M11 3V1M5 15v-2M8 15v-2M11 15v-2M1 5h2M1 8h2M1 11h2M13 5h2M13 8h2M13 11h2',
  chipset: 'M3 3h10v10H3zM1 6h2M1 10h2M13 6h2M13 10h2',
  'root-port': '',
  port: '',
  switch: 'M2 5h11M10 2l3 3-3 3M14 11H3M6 8l-3 3 3 3',
  bridge: 'M1 12V9c2-5 12-5 14 0v3M1 9h14',
  gpu: 'M1 4h14v8H1zM3 12v2M6 12v2M9 12v2M10.5 6a2 2 0 1 0 .01 0M3 6.5h3M3 9.5h3',
  nvme: 'M1 5h14v6H1zM3 7h3v2H3zM8 7h3v2H8zM13 5v6',
  nic: 'M2 3h12v8H2zM5 11v2h6v-2M5 5v3M8 5v3M11 5v3',
  fpga: 'M2 2h12v12H2zM5 5h2v2H5zM9 5h2v2H9zM5 9h2v2H5zM9 9h2v2H9z',
  sata: 'M3 2h10v12H3zM8 4a3 3 0 1 0 .01 0M5 12h2',
  nvswitch: 'M8 1l6 3.5v7L8 15l-6-3.5v-7zM5 6l6 4M11 6l-6 4',
  device: 'M3 2h10v12H3zM6 5h4',
};

export const iconOf = (node: DiagramNode): string => paths[node.kind];
