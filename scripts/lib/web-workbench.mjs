// VS Code's workbench alone in a browser, with no machine behind it: the one that code-server brings, so that both are of
// one version, served by @vscode/test-web.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { settings } from './profile.mjs';

/** VS Code's workbench within code-server. */
const bench = 'out/vs/code/browser/workbench/workbench.js';
/** Folders that are made anew, because a file in them is another; everything else is a link to code-server's. */
const folders = new Set(['.', 'extensions', 'out', 'out/vs', 'out/vs/workbench']);
for (let at = dirname(bench); at !== 'out/vs'; at = dirname(at)) folders.add(at);

/** What code-server has made otherwise than VS Code, so that the workbench has a machine behind it, and what it was. */
const changes = [
  [',remoteAuthority:location.host}', '}'],
  [
    'P.file(this.userDataPath).with({scheme:J.vscodeRemote})',
    'P.file(this.userDataPath).with({scheme:J.vscodeUserData})',
  ],
];
/** Options that code-server's workbench asks for and test-web does not know. */
const options = {
  userDataPath: '/',
  isEnabledFileDownloads: true,
  isEnabledFileUploads: true,
  isEnabledCoderGettingStarted: false,
  configurationDefaults: settings,
};

/** The module and the style sheet that test-web's page loads. The workbench of code-server reads its options by itself. */
const entry = `export const URI = { parse: (text) => text, revive: (uri) => uri };
export class Emitter { event = () => ({ dispose() {} }); fire() {} dispose() {} }
const meta = document.getElementById('vscode-workbench-web-configuration');
const given = JSON.parse(meta.getAttribute('data-settings'));
meta.setAttribute('data-settings', JSON.stringify({ ...given, ...${JSON.stringify(options)} }));
export const create = () => void import('../code/browser/workbench/workbench.js');
`;

/**
 * Lays out a build of the web workbench as test-web wants it.
 * @param {string} from VS Code inside of code-server
 * @param {string} to the folder of the build
 * @throws where this VS Code is not the one that is known
 */
export function layWebWorkbench(from, to) {
  for (const folder of folders) {
    mkdirSync(join(to, folder), { recursive: true });
    for (const name of readdirSync(join(from, folder))) {
      const path = join(folder, name);
      if (!folders.has(path)) symlinkSync(join(from, path), join(to, path));
    }
  }
  const write = (path, text) => {
    rmSync(join(to, path), { force: true });
    writeFileSync(join(to, path), text);
  };
  let text = readFileSync(join(from, bench), 'utf8');
  for (const [theirs, plain] of changes) {
    if (text.split(theirs).length !== 2) throw new Error(`code-server's workbench has no ${theirs}`);
    text = text.replace(theirs, plain);
  }
  write(bench, text);
  write('package.json', JSON.stringify({ type: 'module' }));
  write('out/vs/workbench/workbench.web.main.internal.css', "@import '../code/browser/workbench/workbench.css';\n");
  for (const name of readdirSync(join(from, 'extensions')))
    layExtension(join(from, 'extensions', name), join(to, 'extensions', name));
}

/** Writes what starts a workbench that is laid out, with the options as they are now. */
export const writeEntry = (to) => writeFileSync(join(to, 'out/vs/workbench/workbench.web.main.internal.js'), entry);

/** Extensions of VS Code come without their part for the browser, which the workbench says loudly: it gets an empty one. */
function layExtension(from, to) {
  const manifest = join(from, 'package.json');
  const { browser } = existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')) : {};
  if (typeof browser !== 'string') return;
  const part = browser.endsWith('.js') ? browser : `${browser}.js`;
  if (existsSync(join(from, part))) return;
  rmSync(to, { force: true });
  mkdirSync(dirname(join(to, part)), { recursive: true });
  const top = part.split('/').find((step) => step !== '.');
  for (const name of readdirSync(from)) if (name !== top) symlinkSync(join(from, name), join(to, name));
  writeFileSync(join(to, part), 'exports.activate = () => undefined;\n');
}
