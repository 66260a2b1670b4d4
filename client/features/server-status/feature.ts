import { LanguageStatusSeverity, languages } from 'vscode';
import { type ServerStatus, Status } from '../../../server/protocol.ts';
import type { Feature, Host } from '../../core/feature.ts';
import type { ServerState } from '../../core/server.ts';
import { statusText } from './text.ts';

const severities: Readonly<Record<ServerStatus['health'], LanguageStatusSeverity>> = {
  ok: LanguageStatusSeverity.Information,
  warning: LanguageStatusSeverity.Warning,
  error: LanguageStatusSeverity.Error,
};

/** How the server is, in the language status of the status bar. */
export const serverStatus: Feature = {
  name: 'server status',
  activate(host) {
    const item = languages.createLanguageStatusItem('pcie.server', { language: 'pcie' });
    item.name = 'PCIe Language Server';
    let last: ServerStatus | undefined;
    const show = (state: ServerState): void => {
      const text = statusText(state, last);
      item.text = text.text;
      item.detail = text.detail;
      item.busy = text.busy;
      item.severity = severities[text.health];
      item.command =
        text.health === 'ok'
          ? { title: 'Show Log', command: 'pcie.showLog' }
          : { title: 'Restart', command: 'pcie.restartServer' };
    };
    show(host.server.state);
    host.own(item, ...listen(host, (status) => (last = status ?? undefined), show));
  },
};

function listen(host: Host, keep: (status: ServerStatus | null) => void, show: (state: ServerState) => void) {
  return [
    host.server.on(Status, (status) => {
      keep(status);
      show(host.server.state);
    }),
    host.server.onDidChangeState((state) => {
      if (state !== 'running') keep(null);
      show(state);
    }),
  ];
}
