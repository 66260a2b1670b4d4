import { dmaReadWriteRate, operationSeconds } from '../../model/route/dma.ts';
import { writeThenReadSeconds } from '../../model/route/latency.ts';
import { findRoute } from '../../model/route/route.ts';
import type { Leg } from '../../model/route/types.ts';
import { describePath } from '../../simulator/path.ts';
import { elaborate, endOf } from './elaborate.ts';
import { hostOf, linkOf, machineText, type Prediction, partOf } from './machines.ts';
import { bytesIn, type Row } from './row.ts';

/** Figures that a cross-check may set otherwise than the model has them. */
export interface Overrides {
  readonly rootComplexSeconds?: number;
  readonly outstandingReads?: number;
  readonly writeIops?: number;
}

/** Micro-benchmarks of one device's DMA engine: latency and rate by size, window, cache, socket and IOMMU. */
export async function predictDma(row: Row, overrides: Overrides = {}): Promise<Prediction> {
  const bytes = bytesIn(row.payload);
  if (bytes === null) return { unknown: 'no transfer size' };
  const text = `${row.metric} ${row.conditions}`;
  const remote = /remote/i.test(row.conditions) || /-s0-s1-s1/.test(row.source);
  const host = hostOf(row);
  const command = /command|LAT_CMD/i.test(`${row.scenario} ${row.conditions}`);
  const machine = await elaborate(machineOf(row, text, remote, command, overrides));
  const memory = endOf(machine, remote ? 'cpu1' : 'cpu0');
  const nic = endOf(machine, 'nic0');
  const tax = 'measured';
  const window = /window (\d+ ?[KMG]?B)|(\d+ ?[KMG]?B)(?:\/\d+ ?[KMG]?B)? (?:random )?window/i.exec(text);
  const windowBytes = bytesIn(window?.[1] ?? window?.[2] ?? '');
  const input = { blockBytes: bytes, windowBytes, cached: /HWarm|host-warm/i.test(text), tax } as const;
  const known = (predicted: number): Prediction => ({ predicted, profile: host.name });
  const leg = (operation: 'read' | 'write'): Leg | undefined => {
    const [from, to] = operation === 'read' ? [memory, nic] : [nic, memory];
    return findRoute(machine.machine, from, to, { operation }).legs[0];
  };
  const [read, write] = [leg('read'), leg('write')];
  if (read === undefined || write === undefined) return { unknown: 'no way' };
  if (/latency/i.test(row.metric)) {
    if (/write-then-read|WRRD/i.test(row.scenario)) {
      const walk =
        operationSeconds(machine.machine, read, input) -
        operationSeconds(machine.machine, read, { ...input, windowBytes: null });
      return known(writeThenReadSeconds(machine.machine, read, bytes, command) + walk);
    }
    // Direct commands follow each other so closely that no host sleeps between them.
    return known(operationSeconds(machine.machine, /BW|WR\b/.test(row.scenario) ? write : read, input, command));
  }
  if (/_RW\b|read.?write/i.test(row.scenario)) {
    const rate = dmaReadWriteRate(machine.machine, read, write, input);
    return rate === null ? { unknown: 'no rate' } : known(rate.operationsPerSecond * bytes);
  }
  const writes = /_WR\b|\bwr\b|\bwrite/i.test(row.scenario);
  const [from, to] = writes ? [nic, memory] : [memory, nic];
  return known(describePath(machine.machine, from, to, input).bytesPerSecond);
}

function machineOf(row: Row, text: string, remote: boolean, command: boolean, overrides: Overrides): string {
  const mrrs = /MRRS (\d+)/.exec(text)?.[1] ?? '512';
  const mps = row.mps === '' ? '256' : row.mps;
  const link = linkOf(row, 'gen3 x8');
  const { outstandingReads, writeIops } = overrides;
  const nic = [
    `root-port rp0 ${link} {`,
    `mps ${mps} B`,
    // The device of all of pcie-bench's published data.
    `nic nic0${partOf('nfp-6000') === null ? '' : ' : nfp-6000'} {`,
    `link ${link}`,
    `mps ${mps} B`,
    `mrrs ${mrrs} B`,
    ...(outstandingReads === undefined ? [] : [`outstanding-reads ${Math.round(outstandingReads)}`]),
    ...(writeIops === undefined ? [] : [`write-iops ${writeIops} IOPS`]),
    ...(command ? ['latency 0 ns'] : []),
    '}',
    '}',
  ];
  const on = /intel_iommu=on|amd_iommu=on|IOMMU on/i.test(text) || /-iommu/.test(row.source);
  const small = /sp_off|4K pages/.test(text) || /-iommu-nosp/.test(row.source);
  const linux = on ? ['iommu translate', `iommu-page ${small ? '4 KiB' : '2 MiB'}`] : ['iommu off'];
  const hostLines =
    overrides.rootComplexSeconds === undefined
      ? []
      : [`root-complex-latency ${(overrides.rootComplexSeconds * 1e9).toFixed(1)} ns`];
  return machineText(hostOf(row), nic, { sockets: remote ? 2 : 1, linux, hostLines });
}
