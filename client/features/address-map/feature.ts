import type { EnumerateJson } from '../../../server/contract.types.ts';
import { Enumerate } from '../../../server/protocol.ts';
import type { Feature } from '../../core/feature.ts';
import { showMachineView } from '../../core/machine-panel.ts';

/** Where in the address space the windows and BARs of a machine lie, beside its text. */
export const addressMap: Feature = {
  name: 'address map',
  activate(host) {
    showMachineView<EnumerateJson>(host, {
      viewType: 'pcie.addressMap',
      command: 'pcie.showAddressMap',
      title: 'Address Map',
      bundle: 'address-map',
      ask: async (subject) => (await host.server.request(Enumerate, subject)).data,
    });
  },
};
