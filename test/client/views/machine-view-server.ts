import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { machinePage } from '../../../client/views/machine-view/page.ts';
import { makeNonce } from '../../../client/views/results/page.ts';
import { Answers, machineTexts } from './machines.ts';
import { type ThemeName, themeSheet, themes } from './themes.ts';

/** Machines for these views alone: what finds no place, virtual functions, no way for peers. */
const own = {
  cramped: `machine cramped {
  firmware {
    above-4g off
    window 256 MiB below 4g
  }
  linux { iommu off }
  socket cpu0 {
    root-port rp0 gen4 x16 {
      gpu gpu0 {
        bar 0 16 MiB 32-bit
        bar 1 64 GiB 64-bit prefetchable
      }
    }
    root-port rp1 gen4 x8 {
      nic nic0 {
        bar 0 512 MiB 32-bit
        sriov {
          total-vfs 8
          enabled-vfs 8
          bar 0 64 KiB 64-bit prefetchable
        }
      }
    }
    root-port rp2 gen4 x4 {
      nvme ssd0 { bar 0 16 KiB 64-bit }
    }
  }
}
`,
} as const;
export const viewTexts = { ...machineTexts, ...own } as const;
export type ViewData = keyof typeof viewTexts;

/**
 * Serves a view of one machine by itself, with the policy that it has in VS Code: `/?data=box&theme=dark`. What the view
 * says stands in `window.said`; `window.answerPath` is asked for routes.
 */
export async function serveMachineView(bundle: 'matrix' | 'address-map'): Promise<{
  readonly url: string;
  readonly answers: Answers;
  readonly close: () => Promise<void>;
}> {
  const root = fileURLToPath(new URL('../../../', import.meta.url));
  const built = await build({
    absWorkingDir: root,
    entryPoints: [`client/views/${bundle}/main.ts`, `client/views/${bundle}/${bundle}.css`],
    outdir: '/',
    bundle: true,
    format: 'iife',
    target: 'es2023',
    write: false,
    logLevel: 'silent',
  });
  const file = (end: string): string => built.outputFiles.find((output) => output.path.endsWith(end))?.text ?? '';
  const answers = await new Answers().start();
  const data = new Map<string, string>();
  for (const [name, text] of Object.entries(viewTexts)) {
    if (name === 'many') continue;
    await answers.diagram(name, text);
    data.set(name, JSON.stringify(bundle === 'matrix' ? answers.matrix(name) : answers.enumerate(name)));
  }
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    const send = (type: string, text: string): void => {
      response.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(text);
    };
    const name = url.searchParams.get('data') ?? '';
    if (url.pathname === '/view.js') send('text/javascript', file('main.js'));
    else if (url.pathname === '/view.css') send('text/css', file('.css'));
    else if (url.pathname === '/theme.css') send('text/css', themeSheet(themeOf(url), 'editor'));
    else if (url.pathname === '/harness.js') send('text/javascript', harness(name, data.get(name) ?? 'null'));
    else if (url.pathname === '/') send('text/html', pageOf(bundle, url, `http://${request.headers.host ?? ''}`));
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

function pageOf(bundle: string, url: URL, origin: string): string {
  const nonce = makeNonce();
  const page = machinePage(bundle, 'view', { script: '/view.js', style: '/view.css', cspSource: origin, nonce });
  const query = url.search.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  return page
    .replace(
      '</head>',
      `  <link rel="stylesheet" href="/theme.css${query}">\n  <script nonce="${nonce}" src="/harness.js${query}"></script>\n</head>`,
    )
    .replace('<body>', `<body class="${themes[themeOf(url)].bodyClass}">`);
}

/** Plays the extension: answers `ready` with the machine that the address names, routes by what the test gives. */
function harness(name: string, data: string): string {
  const machine = JSON.stringify(name);
  return `
    window.said = [];
    window.kept = undefined;
    const data = ${data};
    window.acquireVsCodeApi = () => ({
      postMessage(message) {
        window.said.push(message);
        if (message.kind === 'ready') {
          window.postMessage(data === null
            ? { kind: 'gone', message: 'The text has no machine now.' }
            : { kind: 'show', file: 'test.pcie', uri: 'file:///work/test.pcie', machine: ${machine}, machines: [${machine}, 'other'], data }, '*');
        }
        if (message.kind === 'path' && window.answerPath !== undefined) {
          window.answerPath(message.from, message.to).then(
            (path) => window.postMessage({ kind: 'path', path }, '*'),
            (error) => window.postMessage({ kind: 'message', text: error.message, failed: true }, '*'),
          );
        }
      },
      getState: () => window.kept,
      setState(state) { window.kept = state; },
    });`;
}
