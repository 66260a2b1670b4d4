/** A record of the database. */
export const record = (path: string, properties: Readonly<Record<string, string>>, more = '') =>
  [
    `P: ${path}`,
    more,
    ...Object.entries({ DEVPATH: path, ...properties }).map(([key, value]) => `E: ${key}=${value}`),
    '',
  ]
    .filter((line, at, all) => line !== '' || at === all.length - 1)
    .join('\n');
const root = '/devices/pci0000:00';
/** The database of a small machine. */
export const database = [
  record('/devices/system/cpu/cpu0', { SUBSYSTEM: 'cpu' }),
  record('/devices/virtual/dmi/id', { SUBSYSTEM: 'dmi', ID_MODEL: 'Small Server 3' }),
  record(`${root}/0000:00:01.0`, {
    DRIVER: 'pcieport',
    PCI_CLASS: '60400',
    PCI_ID: '8086:352A',
    SUBSYSTEM: 'pci',
    PCI_SLOT_NAME: '0000:00:01.0',
  }),
  record(
    `${root}/0000:00:01.0/0000:01:00.0`,
    {
      DRIVER: 'nvidia',
      PCI_CLASS: '30200',
      PCI_ID: '10DE:20B5',
      PCI_SUBSYS_ID: '10DE:1533',
      PCI_SLOT_NAME: '0000:01:00.0',
      SUBSYSTEM: 'pci',
      ID_VENDOR_FROM_DATABASE: 'NVIDIA Corporation',
      ID_MODEL_FROM_DATABASE: 'GA100 [A100 PCIe 80GB]',
    },
    'M: 0000:01:00.0\nU: pci\nV: nvidia\nL: 0',
  ),
  record(
    `${root}/0000:00:01.0/0000:01:00.0/drm/card1`,
    { SUBSYSTEM: 'drm', DEVNAME: '/dev/dri/card1' },
    'N: dri/card1',
  ),
  record(`${root}/0000:00:01.0/0000:01:00.0/drm/card1/card1-DP-1`, { SUBSYSTEM: 'drm' }),
  record(`${root}/0000:00:01.0/0000:01:00.0/drm/renderD128`, { SUBSYSTEM: 'drm' }),
  record(`${root}/0000:00:1d.0`, { PCI_CLASS: '60400', PCI_ID: '8086:A330', SUBSYSTEM: 'pci' }),
  record(`${root}/0000:00:1d.0/0000:02:00.0`, {
    DRIVER: 'nvme',
    PCI_CLASS: '10802',
    PCI_ID: '144D:A80A',
    SUBSYSTEM: 'pci',
  }),
  record(`${root}/0000:00:1d.0/0000:02:00.0/nvme/nvme0`, { SUBSYSTEM: 'nvme' }),
  record(`${root}/0000:00:1d.0/0000:02:00.0/nvme/nvme0/nvme0n1`, { SUBSYSTEM: 'block', DEVTYPE: 'disk' }),
  record(`${root}/0000:00:1d.0/0000:02:00.0/nvme/nvme0/nvme0n1/nvme0n1p1`, {
    SUBSYSTEM: 'block',
    DEVTYPE: 'partition',
  }),
  record('/devices/pci0000:80/0000:80:00.0/0000:81:00.0', {
    DRIVER: 'mlx5_core',
    PCI_CLASS: '20000',
    PCI_ID: '15B3:1021',
    SUBSYSTEM: 'pci',
  }),
  record('/devices/pci0000:80/0000:80:00.0/0000:81:00.0/net/enp129s0', { SUBSYSTEM: 'net', INTERFACE: 'enp129s0' }),
  record('/devices/pci0000:80/0000:80:00.0/0000:81:00.0/infiniband/mlx5_0', { SUBSYSTEM: 'infiniband' }),
  record('/devices/pci0000:80/0000:80:05.5/pci10000:00/10000:00:02.0', {
    PCI_CLASS: '60400',
    PCI_ID: '8086:347A',
    SUBSYSTEM: 'pci',
  }),
].join('\n');
