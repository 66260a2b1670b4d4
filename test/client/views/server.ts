import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { makeNonce, type ViewPage, viewPage } from '../../../client/views/page.ts';
import type { RunRecord } from '../../../server/protocol.ts';
import { liveRecords } from './live.ts';
import { Answers, loads, type MachineName, machineTexts, viewTexts } from './machines.ts';
import { type RecordName, records } from './recorded.ts';
import { type ThemeName, themeSheet, themes } from './themes.ts';

export interface ServedView {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** What the page of a view gets beside its own files. */
interface Stage {
  readonly page: ViewPage;
  /** Where VS Code shows the view: says what is behind it. */
  readonly place: 'panel' | 'editor';
  /** A script that plays the extension over the data that the address names: calls `play(answer)` (`playing`). */
  script(data: string): string;
}

/**
 * Serves a view by itself with the policy that it has in VS Code: `/?data=box&theme=dark`. What the view says stands in
 * `window.said`.
 */
async function serveView({ page, place, script }: Stage): Promise<ServedView> {
  const { bundle } = page;
  const built = await build({
    absWorkingDir: fileURLToPath(new URL('../../../', import.meta.url)),
    entryPoints: [`client/views/${bundle}/main.ts`, `client/views/${bundle}/${bundle}.css`],
    outdir: '/',
    bundle: true,
    format: 'iife',
    target: 'es2023',
    write: false,
    logLevel: 'silent',
  });
  const file = (end: string): string => built.outputFiles.find((output) => output.path.endsWith(end))?.text ?? '';
  const files: Readonly<Record<string, (url: URL, origin: string) => readonly [type: string, text: string]>> = {
    [`/${bundle}.js`]: () => ['text/javascript', file('main.js')],
    [`/${bundle}.css`]: () => ['text/css', file('.css')],
    '/theme.css': (url) => ['text/css', themeSheet(themeOf(url), place)],
    '/harness.js': (url) => ['text/javascript', `${playing}\n${script(url.searchParams.get('data') ?? '')}`],
    '/': (url, origin) => ['text/html', pageOf(page, url, origin)],
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const answer = files[url.pathname]?.(url, `http://${request.headers.host ?? ''}`);
    if (answer === undefined) response.writeHead(404).end();
    else response.writeHead(200, { 'content-type': `${answer[0]}; charset=utf-8` }).end(answer[1]);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () => new Promise((closed) => void server.close(() => closed())),
  };
}

function themeOf(url: URL): ThemeName {
  const name = url.searchParams.get('theme');
  return name !== null && name in themes ? (name as ThemeName) : 'dark';
}

function pageOf(view: ViewPage, url: URL, origin: string): string {
  const nonce = makeNonce();
  const page = viewPage(view, { address: (name) => `/${name}`, cspSource: origin, nonce });
  const query = url.search.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  return page
    .replace(
      '</head>',
      `  <link rel="stylesheet" href="/theme.css${query}">\n  <script nonce="${nonce}" src="/harness.js${query}"></script>\n</head>`,
    )
    .replace('<body>', `<body class="${themes[themeOf(url)].bodyClass}">`);
}

/** What every page has of the extension: `answer` is handed each message and `tell`, which posts to the view. */
const playing = `
  window.said = [];
  window.kept = undefined;
  const tell = (message) => window.postMessage(message, '*');
  const play = (answer) => {
    window.acquireVsCodeApi = () => ({
      postMessage(message) {
        window.said.push(message);
        answer(message);
      },
      getState: () => window.kept,
      setState(state) { window.kept = state; },
    });
  };`;

/** The results view over recorded runs, or over those that the server makes now. */
export async function serveResults(): Promise<ServedView> {
  const live = await liveRecords();
  const recordOf = (name: string): RunRecord | null => {
    return live.get(name) ?? (name in records ? records[name as RecordName] : null);
  };
  return serveView({
    page: { bundle: 'results', title: 'PCIe results' },
    place: 'panel',
    script(data) {
      const record = recordOf(data);
      const choices =
        record === null
          ? []
          : [
              { key: 2, label: 'step – lecture.pcie', stale: record.stale },
              { key: 1, label: 'load – lecture.pcie', stale: true },
            ];
      const run = record === null ? null : { key: 2, file: 'lecture.pcie', record, against: null };
      const shown = JSON.stringify({ kind: 'show', run, choices });
      return `play((message) => { if (message.kind === 'ready') tell(${shown}); });`;
    },
  });
}

/** The picture over the machines of `machines.ts`; `window.answerPath` is asked for routes. */
export async function serveDiagram(): Promise<ServedView & { readonly answers: Answers }> {
  const answers = await new Answers().start();
  const diagrams = new Map<string, string>();
  for (const [name, text] of Object.entries(machineTexts)) {
    const diagram = await answers.diagram(name, text);
    const load = loads[name as MachineName] ?? null;
    if (diagram !== null) {
      diagrams.set(
        name,
        JSON.stringify({ kind: 'diagram', file: 'test.pcie', step: 0, diagram: { ...diagram, load } }),
      );
    }
  }
  const gone = JSON.stringify({ kind: 'gone', message: 'The text has no machine.' });
  const served = await serveView({
    page: { bundle: 'diagram', title: 'PCIe topology', images: true, wasm: true },
    place: 'editor',
    script: (data) => `play((message) => {
      if (message.kind === 'ready') tell(${diagrams.get(data) ?? gone});
      if (message.kind === 'path' && window.answerPath !== undefined) {
        window.answerPath(message.from, message.to).then((path) => tell({ kind: 'path', path }));
      }
    });`,
  });
  return { ...served, answers };
}

/** A view of one machine; `window.answerPath` is asked for routes. */
export async function serveMachineView(
  bundle: 'matrix' | 'address-map',
): Promise<ServedView & { readonly answers: Answers }> {
  const answers = await new Answers().start();
  const shown = new Map<string, string>();
  for (const [name, text] of Object.entries(viewTexts)) {
    if (name === 'many') continue;
    await answers.diagram(name, text);
    const data = bundle === 'matrix' ? answers.matrix(name) : answers.enumerate(name);
    const of = { file: 'test.pcie', uri: 'file:///work/test.pcie', machine: name, machines: [name, 'other'] };
    shown.set(name, JSON.stringify({ kind: 'show', ...of, data }));
  }
  const gone = JSON.stringify({ kind: 'gone', message: 'The text has no machine now.' });
  const served = await serveView({
    page: { bundle, title: 'view' },
    place: 'editor',
    script: (data) => `play((message) => {
      if (message.kind === 'ready') tell(${shown.get(data) ?? gone});
      if (message.kind === 'path' && window.answerPath !== undefined) {
        window.answerPath(message.from, message.to).then(
          (path) => tell({ kind: 'path', path }),
          (error) => tell({ kind: 'message', text: error.message, failed: true }),
        );
      }
    });`,
  });
  return { ...served, answers };
}
