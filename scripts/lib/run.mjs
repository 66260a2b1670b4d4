// Running other programs: always with a time limit, always killing the whole tree they started.
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

export const root = resolve(import.meta.dirname, '../..');

/** Ends a program started with `detached: true` and everything it started. */
export function killTree(child) {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGTERM');
  } catch {
    return; // it is gone already
  }
  setTimeout(() => {
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      // it ended by itself
    }
  }, 3000).unref();
}

/**
 * Runs a program to its end.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: Record<string, string>, timeoutSeconds?: number, quiet?: boolean }} [options]
 * @returns {Promise<{ code: number, output: string, timedOut: boolean }>} the exit status (127 when it cannot be
 *   started, 124 when it ran past its limit), and both output streams together
 */
export function run(command, args, options = {}) {
  const { cwd = root, env = {}, timeoutSeconds = 600, quiet = false } = options;
  return new Promise((done) => {
    let output = '';
    let timedOut = false;
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const stop = () => killTree(child);
    process.once('exit', stop);
    const take = (stream) => (chunk) => {
      output += chunk;
      if (!quiet) stream.write(chunk);
    };
    child.stdout.on('data', take(process.stdout));
    child.stderr.on('data', take(process.stderr));
    const timer = setTimeout(() => {
      timedOut = true;
      killTree(child);
    }, timeoutSeconds * 1000);
    const finish = (code) => {
      clearTimeout(timer);
      process.removeListener('exit', stop);
      done({ code, output, timedOut });
    };
    child.on('error', (error) => {
      output += `${error.message}\n`;
      finish(127);
    });
    // `exit` and not `close`: a grandchild that keeps the pipe open must not hold us up
    child.on('exit', (code) => setTimeout(() => finish(timedOut ? 124 : (code ?? 1)), 50));
  });
}

/** Like `run`, but quiet, and throws with the last lines of the output when it fails. */
export async function must(command, args, options = {}) {
  const result = await run(command, args, { quiet: true, ...options });
  if (result.code !== 0) {
    const why = result.timedOut ? `ran past ${options.timeoutSeconds ?? 600} s` : `status ${result.code}`;
    throw new Error(`${command} ${args.join(' ')}: ${why}\n${result.output.trim().split('\n').slice(-15).join('\n')}`);
  }
  return result.output;
}
