import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { folderWith } from './pcie.ts';

const root = resolve(import.meta.dirname, '../..');
const compiler = join(root, 'node_modules/.bin/tsc');
const tsc = (folder: string, ...args: readonly string[]) =>
  promisify(execFile)(compiler, args, { cwd: folder }).then(
    () => [],
    ({ stdout }: { stdout: string }) => stdout.split('\n').filter((line) => line.includes('error')),
  );

const used = `import { runFlows, simulate } from 'pcie-topology/simulator';
import { linkBandwidth } from 'pcie-topology/model';
import { createPcieServices } from 'pcie-topology/language';
import { readLspci } from 'pcie-topology/formats';
const flows = [{ bytes: 1, startSeconds: 0, resources: [0] }];
export const finish: Float64Array = runFlows({ capacities: Float64Array.of(1), flows }).finishSeconds;
export const wrong: string = runFlows({ capacities: Float64Array.of(1), flows }).finishSeconds;
export const others = [simulate, linkBandwidth, createPcieServices, readLspci(1)];
`;

test('what the package exports is typed', async () => {
  const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    exports: Record<string, { types: string; default: string }>;
  };
  expect(Object.keys(exports)).toEqual(['./model', './simulator', './language', './formats']);
  for (const [name, { types, default: code }] of Object.entries(exports)) {
    expect(existsSync(join(root, 'library', `${name}.ts`))).toBe(true);
    expect([types, code]).toEqual([`./dist/types/library/${name.slice(2)}.d.ts`, `./dist/${name.slice(2)}.js`]);
  }
  await tsc(root, '-b', 'library');
  const settings = {
    compilerOptions: {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      module: 'esnext',
      moduleResolution: 'bundler',
      types: [],
      paths: { 'pcie-topology/*': [join(root, 'build/types/library/*.d.ts')] },
    },
    files: ['use.ts'],
  };
  const folder = folderWith({ 'use.ts': used, 'tsconfig.json': JSON.stringify(settings) });
  const errors = await tsc(folder, '-p', '.');
  expect(errors).toHaveLength(2);
  expect(errors[0]).toMatch(/^use\.ts\(7,14\): error TS2322: .*Float64Array.*'string'/);
  expect(errors[1]).toMatch(/^use\.ts\(8,.*: error TS2345: .*'number'.*'string'/);
});
