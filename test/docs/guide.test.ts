import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, it } from 'vitest';

/** `UPDATE_GUIDE=1 npx vitest run test/docs/guide.test.ts` writes what the commands print into the page. */
const update = process.env.UPDATE_GUIDE === '1';
const root = resolve(import.meta.dirname, '../..');
const path = resolve(root, 'docs/guide.md');
const page = readFileSync(path, 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'pcie-guide-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const command = join(folder, 'pcie');
writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${resolve(root, 'cli/main.ts')}' "$@"\n`);
chmodSync(command, 0o755);

const run = (line: string): string => {
  const { stdout, stderr } = spawnSync('sh', ['-c', line], {
    cwd: folder,
    encoding: 'utf8',
    env: { ...process.env, PATH: `${folder}:${process.env.PATH}` },
  });
  return stdout + stderr;
};

it('every command of the guide prints what the page shows', () => {
  let commands = 0;
  const now = page.replace(/^```(pcie|console)(?: (\S+))?\n([\s\S]*?)^```$/gm, (block, kind, name, body: string) => {
    if (kind === 'pcie') {
      writeFileSync(join(folder, name), body);
      return block;
    }
    const printed = body
      .split('\n')
      .filter((line) => line.startsWith('$ '))
      .map((line) => {
        commands++;
        return `${line}\n${run(line.slice(2))}`;
      });
    return `\`\`\`console\n${printed.map((one) => `${one.trimEnd()}\n`).join('')}\`\`\``;
  });
  expect(commands).toBeGreaterThan(8);
  if (update) writeFileSync(path, now);
  else expect(page).toBe(now);
});
