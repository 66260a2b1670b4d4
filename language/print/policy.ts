import type { Machine } from '../../model/machine.ts';
import { apertureLine } from './component.ts';
import { namesOf } from './connections.ts';
import { quote, writeBytes } from './quantities.ts';

/** The `firmware` block, or null where nothing is said. */
export function firmwareBlock({ firmware }: Machine): string | null {
  const flag = (name: string, value: boolean | undefined) =>
    value === undefined ? [] : [`${name} ${value ? 'on' : 'off'}`];
  const lines = [
    ...flag('above-4g', firmware.above4g),
    ...flag('resizable-bar', firmware.resizableBar),
    ...flag('sr-iov', firmware.sriov),
    ...firmware.apertures.map(apertureLine),
  ];
  return lines.length === 0 ? null : `firmware {\n${lines.join('\n')}\n}`;
}

/** The `linux` block, or null where nothing is said. */
export function linuxBlock(machine: Machine): string | null {
  const { linux } = machine;
  const names = namesOf(machine);
  const said = (name: string, value: string | undefined) => (value === undefined ? [] : [`${name} ${value}`]);
  const size = (name: string, bytes: number | undefined) =>
    bytes === undefined ? [] : [`${name} ${writeBytes(bytes)}`];
  const lines = [
    ...said('version', linux.version),
    ...said('iommu', linux.iommu),
    ...said('invalidation', linux.invalidation),
    ...said('iommu-page', linux.iommuPageBytes === undefined ? undefined : writeBytes(linux.iommuPageBytes)),
    ...said('mps', linux.mps),
    ...linux.disableAcsRedir.map((value) => `disable-acs-redir ${quote(value)}`),
    ...(linux.disableAcsRedirComponents.length === 0
      ? []
      : [`disable-acs-redir for ${linux.disableAcsRedirComponents.map((id) => names.shortest(id)).join(' ')}`]),
    ...linux.configAcs.map((value) => `config-acs ${quote(value)}`),
    ...said('isolation', linux.isolation === undefined ? undefined : linux.isolation ? 'on' : 'off'),
    ...said('realloc', linux.realloc === undefined ? undefined : linux.realloc ? 'on' : 'off'),
    ...size('hotplug-io', linux.hotplugIoBytes),
    ...size('hotplug-memory', linux.hotplugMemoryBytes),
    ...size('hotplug-prefetchable', linux.hotplugPrefetchableBytes),
    ...said('hotplug-buses', linux.hotplugBuses?.toString()),
  ];
  return lines.length === 0 ? null : `linux {\n${lines.join('\n')}\n}`;
}
