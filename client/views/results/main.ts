import { runningParts } from './header.ts';
import type { FromView, ToView } from './messages.ts';
import { render } from './render.ts';
import type { Actions, ViewState } from './state.ts';

/** What VS Code gives to a webview. A page that runs alone gives the same. */
declare function acquireVsCodeApi(): {
  postMessage(message: FromView): void;
  getState(): { readonly key?: number } | undefined;
  setState(state: { readonly key?: number }): void;
};

const host = acquireVsCodeApi();
const root = document.getElementById('results');
let state: ViewState = { run: null, choices: [], running: [], cancelled: null, open: new Set() };

const withKey = (send: (key: number) => void) => (): void => {
  if (state.run !== null) send(state.run.key);
};

const actions: Actions = {
  select: (key) => host.postMessage({ kind: 'select', key }),
  again: withKey((key) => host.postMessage({ kind: 'again', key })),
  cancel: () => host.postMessage({ kind: 'cancel' }),
  variant: withKey((key) => host.postMessage({ kind: 'variant', key })),
  against: (other) => withKey((key) => host.postMessage({ kind: 'against', key, other }))(),
  export: (format) => withKey((key) => host.postMessage({ kind: 'export', key, format }))(),
  report: withKey((key) => host.postMessage({ kind: 'report', key })),
  reveal: (name) => withKey((key) => host.postMessage({ kind: 'reveal', key, name }))(),
  revealExpectation: (variant, run, expectation) =>
    withKey((key) => host.postMessage({ kind: 'revealExpectation', key, variant, run, expectation }))(),
  toggle(id) {
    const open = new Set(state.open);
    if (!open.delete(id)) open.add(id);
    update({ ...state, open });
  },
};

/** Draws the state anew, and leaves focus and scroll where they were. */
function update(next: ViewState): void {
  state = next;
  if (root === null) return;
  const focused = document.activeElement?.id ?? '';
  const { scrollX, scrollY } = window;
  root.replaceChildren(...render({ state, actions, run: null }));
  if (focused !== '') document.getElementById(focused)?.focus({ preventScroll: true });
  window.scrollTo(scrollX, scrollY);
}

/** What is under way says so many times how far it is: nothing but its bars is drawn anew. */
function showRunning(running: ViewState['running'], cancelled: string | null): void {
  const bars = [...(root?.querySelectorAll<HTMLElement>('.running-one') ?? [])];
  if (running.length !== bars.length || cancelled !== state.cancelled) {
    update({ ...state, running, cancelled });
    return;
  }
  state = { ...state, running };
  bars.forEach((one, index) => {
    const run = running[index];
    if (run !== undefined) one.replaceChildren(...runningParts(run, index));
  });
}

window.addEventListener('message', (event: MessageEvent<ToView>) => {
  const message = event.data;
  if (message.kind === 'choices') {
    update({ ...state, choices: message.choices });
    return;
  }
  if (message.kind === 'running') {
    showRunning(message.runs, message.cancelled);
    return;
  }
  if (message.kind !== 'show') return;
  const other = message.run?.key !== state.run?.key;
  update({ ...state, run: message.run, choices: message.choices, open: other ? new Set() : state.open });
  if (other) window.scrollTo(0, 0);
  host.setState(message.run === null ? {} : { key: message.run.key });
});

update(state);
const before = host.getState()?.key;
if (before !== undefined) host.postMessage({ kind: 'select', key: before });
host.postMessage({ kind: 'ready' });
