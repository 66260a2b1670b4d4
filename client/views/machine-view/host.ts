import type { FromView, KeptState, ToView } from './messages.ts';

/** What VS Code gives to a webview. A page that runs alone gives the same. */
declare function acquireVsCodeApi(): {
  postMessage(message: FromView): void;
  getState(): KeptState | undefined;
  setState(state: KeptState): void;
};

const host = acquireVsCodeApi();

export const say = (message: FromView): void => host.postMessage(message);

/** Hands every message of the extension to `take`, and asks for the first. */
export function listen<D>(take: (message: ToView<D>) => void): void {
  window.addEventListener('message', (event: MessageEvent<ToView<D>>) => {
    const message = event.data;
    if (message.kind === 'show') host.setState({ uri: message.uri, machine: message.machine });
    take(message);
  });
  say({ kind: 'ready' });
}
