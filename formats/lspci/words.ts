import type { AcsBit } from '../../model/machine.ts';
import type { FunctionRole, ObservedFunction } from '../observed.ts';

/** Type of a PCI Express function as lspci names it. */
export const roles: readonly (readonly [RegExp, FunctionRole])[] = [
  [/^Root Port\b/, 'root-port'],
  [/^Upstream Port\b/, 'upstream-port'],
  [/^Downstream Port\b/, 'downstream-port'],
  [/^PCI-Express to PCI/, 'pcie-to-pci-bridge'],
  [/^PCI\/PCI-X to PCI-Express/, 'pci-bridge'],
  [/^Root Complex (?:Integrated Endpoint|Event Collector)\b/, 'integrated-endpoint'],
  [/^(?:Legacy )?Endpoint\b/, 'endpoint'],
];

/** ASPM Control in the words of `LnkCtl`. */
export const aspmStates: Readonly<Record<string, NonNullable<ObservedFunction['aspm']>>> = {
  Disabled: 'off',
  L0s: 'l0s',
  L1: 'l1',
  'L0s L1': 'l0s-l1',
};

/** ACS bits by the names of the lines `ACSCap` and `ACSCtl`. */
export const acsNames: Readonly<Record<string, AcsBit>> = {
  SrcValid: 'SV',
  TransBlk: 'TB',
  ReqRedir: 'RR',
  CmpltRedir: 'CR',
  UpstreamFwd: 'UF',
  EgressCtrl: 'EC',
  DirectTrans: 'DT',
};
