import type { MatrixJson } from '../../../server/contract.types.ts';
import { Matrix } from '../../../server/protocol.ts';
import type { Feature } from '../../core/feature.ts';
import { showMachineView } from '../../core/machine-panel.ts';

/** How far all devices of a machine are from each other, beside its text. */
export const matrix: Feature = {
  name: 'peer matrix',
  activate(host) {
    showMachineView<MatrixJson>(host, {
      viewType: 'pcie.peerMatrix',
      command: 'pcie.showPeerMatrix',
      title: 'Peer Matrix',
      bundle: 'matrix',
      ask: async (subject) => (await host.server.request(Matrix, subject)).data,
    });
  },
};
