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

function readPci(values: string, settings: Draft): void {
  for (const value of values.split(',')) {
    const [name, rest] = value.split(/=(.*)/s);
    if (name === 'pcie_bus_safe') settings.mps = 'safe';
    else if (name === 'pcie_bus_perf') settings.mps = 'perf';
    else if (name === 'pcie_bus_peer2peer') settings.mps = 'peer2peer';
    else if (name === 'disable_acs_redir' && rest !== undefined) {
      settings.disableAcsRedir = [...settings.disableAcsRedir, rest];
    } else if (name === 'config_acs' && rest !== undefined) settings.configAcs = [...settings.configAcs, rest];
  }
}
