import type { Row } from './row.ts';

/** One file of a clone of github.com/pcie-bench/data, with the folder that names its host. */
export interface BenchFile {
  readonly folder: string;
  readonly name: string;
  readonly text: string;
}

const commit = 'b2abf2f';

/** What the folder says of the host: `nfp6000-1.2GHz_hsw-Xeon-E5-2620v3_dell-t630-iommu-nosp`. */
function conditionsOf(folder: string): string {
  const host = /Xeon-(E\d-\d+(?:v\d)?)/.exec(folder)?.[1] ?? folder;
  const remote = /-s0-s\d-s1/.test(folder) ? 'remote mem' : 'local mem';
  const iommu = !/-iommu/.test(folder)
    ? 'IOMMU off'
    : /-nosp/.test(folder)
      ? 'intel_iommu=on,sp_off (4K pages)'
      : 'intel_iommu=on (superpages)';
  return `NFP-6000 DMA engine; ${host}, ${remote}, ${iommu}, MRRS 512`;
}

/** The rows of a file in the form of measured.csv: medians of latencies, and rates; none of a file of another kind. */
export function benchRows({ folder, name, text }: BenchFile): Row[] {
  const source = `pcie-bench/data@${commit}:${folder}/${name}`;
  const rows: Row[] = [];
  for (const line of text.split('\n')) {
    const cells = line.trim().split(/\s+/);
    const [test = '', , cache = '', hostOffset, deviceOffset, window = '', size = ''] = cells;
    if (!/^(LAT|BW)_/.test(test) || hostOffset !== '0' || deviceOffset !== '0') continue;
    // The device's own buffer is the subject of the others: host caches alone are modelled.
    if (cache !== 'HWarm' && cache !== 'Cold') continue;
    const latency = test.startsWith('LAT');
    const value = latency ? cells[16] : cells[11];
    const engine = test.includes('_CMD') ? '; PCIe direct command interface' : '';
    rows.push({
      id: `${folder}/${name}:${rows.length}`,
      scenario: `device ${test}`,
      gen: '3',
      lanes: '8',
      mps: '256',
      payload: size,
      metric: latency ? 'median latency' : 'payload throughput',
      value: value ?? '',
      unit: latency ? 'ns' : 'Gb/s',
      conditions: `${conditionsOf(folder)}${engine}; window ${window} ${cache} cache`,
      source,
    });
  }
  return rows;
}
