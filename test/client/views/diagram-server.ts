import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { diagramPage } from '../../../client/views/diagram/page.ts';
import { makeNonce } from '../../../client/views/results/page.ts';
import { Answers, loads, type MachineName, machineTexts } from './machines.ts';
import { type ThemeName, themeSheet, themes } from './themes.ts';

/**
 * Serves the picture by itself, over the machines of `machines.ts`, with the policy that it has in VS Code:
 * `/?data=box&theme=dark`. What the view says stands in `window.said`; `window.answerPath` is asked for routes.
 */
export async function serveDiagram(): Promise<{
  readonly url: string;
  readonly answers: Answers;
  readonly close: () => Promise<void>;
}> {
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  const bundle = await build({
    absWorkingDir: root,
    entryPoints: ['client/views/diagram/main.ts', 'client/views/diagram/diagram.css'],
    outdir: '/',
    bundle: true,
    format: 'iife',
    target: 'es2023',
    write: false,
    logLevel: 'silent',
  });
  const file = (end: string): string => bundle.outputFiles.find((output) => output.path.endsWith(end))?.text ?? '';
  const answers = await new Answers().start();
  const diagrams = new Map<string, string>();
  for (const [name, text] of Object.entries(machineTexts)) {
    const diagram = await answers.diagram(name, text);
    const load = loads[name as MachineName] ?? null;
    diagrams.set(name, JSON.stringify(diagram === null ? null : { ...diagram, load }));
  }
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const send = (type: string, text: string): void => {
      response.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(text);
    };
    const data = url.searchParams.get('data') ?? '';
    if (url.pathname === '/diagram.js') send('text/javascript', file('main.js'));
    else if (url.pathname === '/diagram.css') send('text/css', file('.css'));
    else if (url.pathname === '/theme.css') send('text/css', themeSheet(themeOf(url), 'editor'));
    else if (url.pathname === '/harness.js') send('text/javascript', harness(diagrams.get(data) ?? 'null'));
    else if (url.pathname === '/') send('text/html', pageOf(url, `http://${request.headers.host ?? ''}`));
    else response.writeHead(404).end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    answers,
    close: () => new Promise((closed) => void server.close(() => closed())),
  };
}

function themeOf(url: URL): ThemeName {
  const name = url.searchParams.get('theme');
  return name !== null && name in themes ? (name as ThemeName) : 'dark';
}

function pageOf(url: URL, origin: string): string {
  const nonce = makeNonce();
  const page = diagramPage({ script: '/diagram.js', style: '/diagram.css', cspSource: origin, nonce });
  const query = url.search.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  return page
    .replace(
      '</head>',
      `  <link rel="stylesheet" href="/theme.css${query}">\n  <script nonce="${nonce}" src="/harness.js${query}"></script>\n</head>`,
    )
    .replace('<body>', `<body class="${themes[themeOf(url)].bodyClass}">`);
}

/** Plays the extension: answers `ready` with the machine that the address names, routes by what the test gives. */
function harness(diagram: string): string {
  return `
    window.said = [];
    window.kept = undefined;
    const diagram = ${diagram};
    window.acquireVsCodeApi = () => ({
      postMessage(message) {
        window.said.push(message);
        if (message.kind === 'ready') {
          window.postMessage(diagram === null ? { kind: 'gone', message: 'The text has no machine.' } : { kind: 'diagram', file: 'test.pcie', diagram }, '*');
        }
        if (message.kind === 'path' && window.answerPath !== undefined) {
          window.answerPath(message.from, message.to).then((path) => window.postMessage({ kind: 'path', path }, '*'));
        }
      },
      getState: () => window.kept,
      setState(state) { window.kept = state; },
    });`;
}
