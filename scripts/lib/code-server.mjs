// A real VS Code behind a local web server, with the packaged extension, on a fresh state.
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { codeServer } from './install.mjs';
import { settings } from './profile.mjs';
import { killTree, must } from './run.mjs';

/** Over the profile: no folder is trusted, and nobody is asked. */
const untrusting = {
  'security.workspace.trust.enabled': true,
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.banner': 'always',
  'security.workspace.trust.untrustedFiles': 'open',
};

/** @returns {Promise<number>} a port that nothing listens on */
export function freePort() {
  return new Promise((done, fail) => {
    const server = createServer();
    server.once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

/** Waits until `url` answers, at most `seconds`. */
export async function answers(url, seconds) {
  const end = Date.now() + seconds * 1000;
  while (Date.now() < end) {
    const ok = await fetch(url, { signal: AbortSignal.timeout(2000) }).then(
      (response) => response.ok,
      () => false,
    );
    if (ok) return;
    await new Promise((next) => setTimeout(next, 200));
  }
  throw new Error(`${url} did not answer within ${seconds} s`);
}

/**
 * Starts code-server.
 * @param {{ vsix: string, more?: readonly string[], state: string, say: (text: string) => void, restricted?: boolean }} options `state` is a folder of
 *   its own, and all that it writes stays there; `restricted`: folders are not trusted
 * @returns the address of the server, that of a folder in it, and how to end it
 */
export async function startCodeServer({ vsix, more = [], state, say, restricted = false }) {
  const { node, entry } = await codeServer(say);
  mkdirSync(join(state, 'data/User'), { recursive: true });
  writeFileSync(
    join(state, 'data/User/settings.json'),
    JSON.stringify(restricted ? { ...settings, ...untrusting } : settings, null, 2),
  );
  const port = await freePort();
  writeFileSync(join(state, 'config.yaml'), `auth: none\nbind-addr: 127.0.0.1:${port}\ncert: false\n`);
  const env = {
    XDG_CONFIG_HOME: join(state, 'xdg'),
    XDG_DATA_HOME: join(state, 'xdg-data'),
    XDG_CACHE_HOME: join(state, 'xdg-cache'),
  };
  const places = ['--config', join(state, 'config.yaml'), '--user-data-dir', join(state, 'data')];
  places.push('--extensions-dir', join(state, 'extensions'));
  const flags = ['--disable-telemetry', '--disable-update-check', '--disable-getting-started-override'];
  if (!restricted) flags.push('--disable-workspace-trust');
  say('installing the extension');
  const install = [vsix, ...more].flatMap((file) => ['--install-extension', file]);
  await must(node, [entry, ...places, ...flags, ...install, '--force'], { env, timeoutSeconds: 90 });
  const log = createWriteStream(join(state, 'server.log'));
  const child = spawn(node, [entry, ...places, ...flags], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  child.stdout.pipe(log);
  child.stderr.pipe(log);
  const ended = new Promise((done) => child.once('exit', done));
  const onExit = () => killTree(child);
  process.once('exit', onExit);
  const stop = async () => {
    killTree(child);
    await Promise.race([ended, new Promise((done) => setTimeout(done, 4000))]);
    process.removeListener('exit', onExit);
    rmSync(state, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  const url = `http://127.0.0.1:${port}`;
  try {
    await answers(`${url}/healthz`, 60);
  } catch (error) {
    await stop();
    throw error;
  }
  const address = (folder, file) => {
    const open = file === undefined ? '' : [['openFile', `vscode-remote://127.0.0.1:${port}${file}`]];
    const payload = open && `&payload=${encodeURIComponent(JSON.stringify(open))}`;
    return `${url}/?folder=${encodeURIComponent(folder)}${payload}`;
  };
  return { url, address, stop };
}
