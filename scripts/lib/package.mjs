// The bundles and the .vsix file, which is what people install.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { must, root } from './run.mjs';

/**
 * Builds the extension and packages it.
 * @returns {Promise<string>} the path of the .vsix file
 */
export async function packageExtension(say) {
  say('building');
  await must('node', ['esbuild.mjs', '--production'], { timeoutSeconds: 120 });
  say('packaging');
  const file = join(root, 'build/pcie-topology.vsix');
  mkdirSync(join(root, 'build'), { recursive: true });
  const flags = [
    '--no-dependencies',
    '--allow-missing-repository',
    '--no-rewrite-relative-links',
    '--skip-license',
    '--out',
    file,
  ];
  await must('vsce', ['package', ...flags], { timeoutSeconds: 120 });
  return file;
}
