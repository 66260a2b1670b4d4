import type { LinuxSettings } from '../../model/machine.ts';
import type { ObservedLinux } from '../observed.ts';

type Draft = { -readonly [K in keyof LinuxSettings]: LinuxSettings[K] };

/** The kernel's settings: what the source says of them, and what the command line sets (Documentation/admin-guide/kernel-parameters.txt). */
export function linuxSettings(observed: ObservedLinux): LinuxSettings {
  const settings: Draft = {
    version: /^\d+(?:\.\d+)?/.exec(observed.version ?? '')?.[0],
    iommu: observed.iommu,
    invalidation: undefined,
    iommuPageBytes: undefined,
    mps: undefined,
    disableAcsRedir: [],
    configAcs: [],
    disableAcsRedirComponents: [],
    isolation: undefined,
  };
  for (const word of (observed.commandLine ?? '').split(/\s+/)) {
    const at = word.indexOf('=');
    if (at < 0) continue;
    const key = word.slice(0, at);
    const values = word.slice(at + 1);
    if (key === 'iommu' || key === 'intel_iommu' || key === 'amd_iommu') {
      for (const value of values.split(',')) {
        if (value === 'off') settings.iommu ??= 'off';
        else if (value === 'pt') settings.iommu ??= 'passthrough';
        else if (value === 'strict') settings.invalidation = 'strict';
      }
    } else if (key === 'iommu.passthrough') {
      settings.iommu ??= values === '1' ? 'passthrough' : 'translate';
    } else if (key === 'iommu.strict') {
      settings.invalidation = values === '0' ? 'lazy' : 'strict';
    } else if (key === 'pci') readPci(values, settings);
  }
  return settings;
}

/** Reads the words of a kernel's command line that the rules of PCI ask for into settings that say nothing yet. */
export const linuxFromCommandLine = (commandLine: string): LinuxSettings => linuxSettings({ commandLine });

/** A number as memparse reads it: decimal, octal or hexadecimal, with K, M, G, T, P or E behind it. */
function memparse(text: string | undefined): number | undefined {
  const match = /^(0x[\da-f]+|\d+)([kmgtpe]?)/i.exec(text ?? '');
  if (match === null) return undefined;
  const [, digits = '', suffix = ''] = match;
  const value = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
  return value * 1024 ** (suffix === '' ? 0 : 'kmgtpe'.indexOf(suffix.toLowerCase()) + 1);
}

function readPci(values: string, settings: Draft): void {
  for (const value of values.split(',')) {
    const [name, rest] = value.split(/=(.*)/s);
    if (name === 'pcie_bus_safe') settings.mps = 'safe';
    else if (name === 'pcie_bus_perf') settings.mps = 'perf';
    else if (name === 'pcie_bus_peer2peer') settings.mps = 'peer2peer';
    else if (name === 'disable_acs_redir' && rest !== undefined) {
      settings.disableAcsRedir = [...settings.disableAcsRedir, rest];
    } else if (name === 'realloc') settings.realloc = rest !== 'off';
    else if (name === 'hpiosize') settings.hotplugIoBytes = memparse(rest);
    else if (name === 'hpmmiosize') settings.hotplugMemoryBytes = memparse(rest);
    else if (name === 'hpmmioprefsize') settings.hotplugPrefetchableBytes = memparse(rest);
    else if (name === 'hpmemsize') {
      settings.hotplugMemoryBytes = memparse(rest);
      settings.hotplugPrefetchableBytes = memparse(rest);
    } else if (name === 'hpbussize') {
      // A number that no bus can have counts as the default (drivers/pci/pci.c, pci_setup).
      const buses = Number(rest);
      settings.hotplugBuses = buses >= 1 && buses <= 255 ? buses : undefined;
    } else if (name === 'config_acs' && rest !== undefined) settings.configAcs = [...settings.configAcs, rest];
  }
}
