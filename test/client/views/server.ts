import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { makeNonce, resultsPage } from '../../../client/views/results/page.ts';
import type { RunRecord } from '../../../server/protocol.ts';
import { liveRecord } from './live.ts';
import { type RecordName, records } from './recorded.ts';
import { type ThemeName, themeSheet, themes } from './themes.ts';

/**
 * Serves the results view by itself, with recorded runs and the policy that it has in VS Code:
 * `/?data=scenario&theme=dark`, or with one that the engine makes now: `data=live`. What the view says stands in
 * `window.said`.
 */
export async function serveViews(): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  const bundle = await build({
    absWorkingDir: root,
    entryPoints: ['client/views/results/main.ts', 'client/views/results/results.css'],
    outdir: '/',
    bundle: true,
    format: 'iife',
    target: 'es2023',
    write: false,
    logLevel: 'silent',
  });
  const file = (end: string): string => bundle.outputFiles.find((output) => output.path.endsWith(end))?.text ?? '';
  const live = await liveRecord();
  const recordOf = (url: URL): RunRecord | null => {
    const name = url.searchParams.get('data') ?? '';
    if (name === 'live') return live;
    return name in records ? records[name as RecordName] : null;
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const send = (type: string, text: string, headers: Record<string, string> = {}): void => {
      response.writeHead(200, { 'content-type': `${type}; charset=utf-8`, ...headers }).end(text);
    };
    if (url.pathname === '/results.js') send('text/javascript', file('main.js'));
    else if (url.pathname === '/results.css') send('text/css', file('.css'));
    else if (url.pathname === '/theme.css') send('text/css', themeSheet(themeOf(url)));
    else if (url.pathname === '/harness.js') send('text/javascript', harness(recordOf(url)));
    else if (url.pathname === '/') send('text/html', pageOf(url, `http://${request.headers.host ?? ''}`));
    else response.writeHead(404).end();
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

function pageOf(url: URL, origin: string): string {
  const nonce = makeNonce();
  const page = resultsPage({ script: '/results.js', style: '/results.css', cspSource: origin, nonce });
  const query = url.search.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  return page
    .replace(
      '</head>',
      `  <link rel="stylesheet" href="/theme.css${query}">\n  <script nonce="${nonce}" src="/harness.js${query}"></script>\n</head>`,
    )
    .replace('<body>', `<body class="${themes[themeOf(url)].bodyClass}">`);
}

/** Plays the extension: answers `ready` with the run that the address names. */
function harness(record: RunRecord | null): string {
  const choices =
    record === null
      ? []
      : [
          { key: 2, label: 'step – lecture.pcie', stale: record.stale },
          { key: 1, label: 'load – lecture.pcie', stale: true },
        ];
  const run = record === null ? null : { key: 2, file: 'lecture.pcie', record };
  return `
    window.said = [];
    window.acquireVsCodeApi = () => ({
      postMessage(message) {
        window.said.push(message);
        if (message.kind === 'ready') window.postMessage(${JSON.stringify({ kind: 'show', run, choices })}, '*');
      },
      getState: () => undefined,
      setState() {},
    });`;
}
