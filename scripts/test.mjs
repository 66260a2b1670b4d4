// npm test: every check that a change has to pass. The last line says how many passed, failed and were skipped.
//   npm test                      everything
//   npm test -- types tests       only the suites named
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { bootstrap } from './lib/bootstrap.mjs';
import { root, run } from './lib/run.mjs';

const started = Date.now();
const say = (text) => console.log(`[${((Date.now() - started) / 1000).toFixed(0)} s] ${text}`);
const total = { passed: 0, failed: 0, skipped: 0 };
const lines = [];

function count(suite, { passed = 0, failed = 0, skipped = 0 }, note = '') {
  total.passed += passed;
  total.failed += failed;
  total.skipped += skipped;
  lines.push(`${suite}: ${passed} passed, ${failed} failed, ${skipped} skipped${note && ` (${note})`}`);
}

/** A check that is one test: it passes when the program ends with 0. */
const single = (command, args, timeoutSeconds) => async (suite) => {
  const { code, timedOut } = await run(command, args, { timeoutSeconds });
  count(suite, code === 0 ? { passed: 1 } : { failed: 1 }, timedOut ? `ran past ${timeoutSeconds} s` : '');
};

async function vitest(suite) {
  const report = join(root, 'test-results/vitest.json');
  mkdirSync(join(root, 'test-results'), { recursive: true });
  rmSync(report, { force: true });
  const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const { code, timedOut } = await run('vitest', args, { timeoutSeconds: 2400 });
  if (!existsSync(report)) return count(suite, { failed: 1 }, timedOut ? 'ran past 2400 s' : 'ended without a report');
  const result = JSON.parse(readFileSync(report, 'utf8'));
  // A file that does not load has no tests: it counts as one that failed.
  const broken = result.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  const failed = result.numFailedTests + broken;
  const skipped = result.numPendingTests + (result.numTodoTests ?? 0);
  count(suite, { passed: result.numPassedTests, failed: code !== 0 && failed === 0 ? 1 : failed, skipped });
}

/** A suite in a real VS Code: its runner ends with a line of JSON, { passed, failed, skipped, note }. */
const workbench = (runner) => async (suite) => {
  const { output, timedOut } = await run('node', [runner], { timeoutSeconds: 1800 });
  const last = output
    .trim()
    .split('\n')
    .findLast((line) => line.startsWith('{"passed"'));
  if (last === undefined) return count(suite, { failed: 1 }, timedOut ? 'ran past 1800 s' : 'ended without a report');
  const result = JSON.parse(last);
  count(suite, result, result.note);
};

const suites = {
  lint: single('biome', ['check', '--error-on-warnings'], 120),
  types: single('tsc', ['-b'], 240),
  build: single('node', ['esbuild.mjs', '--production', '--strict'], 120),
  tests: vitest,
  vscode: workbench('test/vscode/run.ts'),
  web: workbench('test/web/run.ts'),
};

await bootstrap(say);
const named = process.argv.slice(2);
const unknown = named.filter((name) => !(name in suites));
if (unknown.length > 0) {
  console.error(`no such suite: ${unknown.join(', ')}; there are ${Object.keys(suites).join(', ')}`);
  process.exit(2);
}
for (const [name, suite] of Object.entries(suites)) {
  if (named.length > 0 && !named.includes(name)) continue;
  say(name);
  await suite(name);
}
say('done');
for (const line of lines) console.log(line);
console.log('not run: the long suites kernel and accuracy (npm run test:long)');
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exit(total.failed > 0 ? 1 : 0);
