import { window } from 'vscode';
import { messageOf } from '../../core/errors.ts';
import type { Feature, Host } from '../../core/feature.ts';

/** Restarting the language server, and saying so where it does not start. */
export const languageClient: Feature = {
  name: 'language client',
  activate(host) {
    host.command('pcie.restartServer', async () => {
      await host.server.restart().catch(() => undefined);
      if (host.server.state === 'running') {
        window.setStatusBarMessage('The PCIe language server was restarted.', 4000);
      }
    });
    host.command('pcie.showLog', () => host.log.show(true));
    host.own(
      host.server.onDidFail((error) => offerRestart(host, error)),
      host.server.onDidChangeState((state) => {
        // Nobody is left to say when a text changes.
        if (state === 'stopped') host.runs.markAll();
      }),
    );
  },
};

function offerRestart(host: Host, error: unknown): void {
  host.log.error('The language server did not start.', error instanceof Error ? error : String(error));
  const again = 'Restart';
  const showLog = 'Show Log';
  window.showErrorMessage(`The PCIe language server did not start: ${messageOf(error)}`, again, showLog).then(
    (choice) => {
      if (choice === again) host.server.restart().catch(() => undefined);
      else if (choice === showLog) host.log.show(true);
    },
    () => undefined,
  );
}
