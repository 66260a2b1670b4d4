import type { ServerStatus } from '../../../server/protocol.ts';
import type { ServerState } from '../../core/server.ts';

export interface StatusText {
  readonly text: string;
  readonly detail: string;
  readonly busy: boolean;
  readonly health: ServerStatus['health'];
}

/** What the language status says. `status` is undefined until the server has said something. */
export function statusText(state: ServerState, status: ServerStatus | undefined): StatusText {
  if (state === 'stopped') {
    return { text: 'PCIe: not running', detail: 'The language server is not running.', busy: false, health: 'error' };
  }
  if (state === 'starting' || status === undefined) {
    return { text: 'PCIe', detail: 'The language server is starting.', busy: true, health: 'ok' };
  }
  const files = status.files === 1 ? '1 file' : `${status.files} files`;
  const activities: Readonly<Record<ServerStatus['activity'], string>> = {
    loading: 'reading the workspace',
    running: 'simulating',
    idle: files,
  };
  return {
    text: status.health === 'ok' ? 'PCIe' : 'PCIe: limited',
    detail: status.message === '' ? activities[status.activity] : status.message,
    busy: status.activity !== 'idle',
    health: status.health,
  };
}
