// What an editor waits for: open, keystroke, hover, completion at 100, 1,000 and 10,000 lines, beside Prisma's server.
//   node bench/editor.ts [--no-prisma]      after `npm run build`
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EmptyFileSystem, URI } from 'langium';
import { createPcieServices } from '../language/module.ts';
import { loadCatalogue } from '../language/services/catalogue.ts';
import { TimedServer } from './client.ts';
import { milliseconds, quantile } from './statistics.ts';
import { machineText, schemaText } from './texts.ts';

const root = resolve(import.meta.dirname, '..');
const keystrokes = 120;
const warmUp = 20;

interface Contender {
  readonly name: string;
  readonly command: readonly string[];
  readonly languageId: string;
  readonly extension: string;
  readonly text: (lines: number) => string;
  /** A place where a letter can be typed and removed again. */
  readonly edits: readonly RegExp[];
  readonly hover: RegExp;
  readonly completion: RegExp;
}

interface Times {
  readonly open: number;
  readonly keystroke: readonly number[];
  readonly hover: readonly number[];
  readonly completion: readonly number[];
}

const ours: Contender = {
  name: 'PCIe Topology',
  // As the extension starts it.
  command: [process.execPath, '--max-semi-space-size=32', resolve(root, 'dist/server.cjs'), '--stdio'],
  languageId: 'pcie',
  extension: 'pcie',
  text: machineText,
  edits: [/queue-pairs 64/, /nvme ssd\w+/, /accelerators and/, /size 4/],
  hover: /gpu gpu/,
  completion: / {12}queue-pairs/,
};

const sizes = [100, 1000, 10_000];
const contenders = process.argv.includes('--no-prisma') ? [ours] : [ours, ...prisma()];
console.log('| lines | server | open | keystroke p50 / p95 | hover p50 / p95 | completion p50 / p95 |');
console.log('|--:|---|--:|--:|--:|--:|');
for (const lines of sizes) {
  for (const contender of contenders) {
    const times = await measure(contender, lines);
    const cells = [lines, contender.name, `${(times.open * 1000).toFixed(0)} ms`];
    for (const all of [times.keystroke, times.hover, times.completion]) cells.push(`${milliseconds(all)} ms`);
    console.log(`| ${cells.join(' | ')} |`);
  }
}
console.log('');
await compareWithParsing(10_000);

/** Opens a text, types in it, and asks. */
async function measure(contender: Contender, lines: number): Promise<Times> {
  const text = contender.text(lines);
  const rows = text.split('\n');
  const [command = '', ...args] = contender.command;
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const file = join(folder, `large.${contender.extension}`);
  writeFileSync(file, text);
  const server = new TimedServer(command, args, pathToFileURL(file).toString());
  try {
    await server.start(pathToFileURL(folder).toString());
    const open = await server.open(contender.languageId, text);
    const keystroke: number[] = [];
    for (let count = 0; count < keystrokes + warmUp; count++) {
      const place = find(rows, contender.edits[count % contender.edits.length] ?? /$/, count);
      for (const seconds of [
        await server.type(place.line, place.end, 0, '1'),
        await server.type(place.line, place.end, 1, ''),
      ]) {
        if (count >= warmUp) keystroke.push(seconds);
      }
    }
    const asks = async (method: string, pattern: RegExp) => {
      const times: number[] = [];
      for (let count = 0; count < keystrokes + warmUp; count++) {
        const place = find(rows, pattern, count);
        const seconds = await server.ask(method, place.line, place.end);
        if (count >= warmUp) times.push(seconds);
      }
      return times;
    };
    const hover = await asks('textDocument/hover', contender.hover);
    const completion = await asks('textDocument/completion', contender.completion);
    return { open, keystroke, hover, completion };
  } finally {
    server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The n-th place of a pattern, spread over the text. */
function find(
  rows: readonly string[],
  pattern: RegExp,
  count: number,
): { readonly line: number; readonly end: number } {
  const start = (count * 997) % rows.length;
  for (let step = 0; step < rows.length; step++) {
    const line = (start + step) % rows.length;
    const match = pattern.exec(rows[line] ?? '');
    if (match !== null) return { line, end: match.index + match[0].length };
  }
  throw new Error(`the text has no ${pattern}`);
}

/**
 * What a keystroke and a first opening take against parsing and linking the same text, all warm in this process: medians
 * over fresh documents with the catalogue beside them. Names below a machine are those of the elaborated machine, so
 * linking elaborates.
 */
async function compareWithParsing(lines: number): Promise<void> {
  const text = machineText(lines);
  const { shared, pcie } = createPcieServices(EmptyFileSystem);
  const { LangiumDocumentFactory, LangiumDocuments, DocumentBuilder } = shared.workspace;
  await DocumentBuilder.build(loadCatalogue(shared), { validation: false });
  let number = 0;
  const build = async (what: 'linked' | 'checked' | 'priced') => {
    const uri = URI.parse(`file:///bench/whole${number++}.pcie`);
    shared.RuleSettings.simulates = what === 'priced';
    const before = performance.now();
    const document = LangiumDocumentFactory.fromString(text, uri);
    LangiumDocuments.addDocument(document);
    await DocumentBuilder.build([document], { validation: what !== 'linked' });
    const seconds = (performance.now() - before) / 1000;
    LangiumDocuments.deleteDocument(uri);
    pcie.Elaborations.delete(uri.toString());
    return seconds;
  };
  const linked: number[] = [];
  const checked: number[] = [];
  const priced: number[] = [];
  for (let round = 0; round < 12; round++) {
    const [parsed, complete] = [await build('linked'), await build('checked')];
    const whole = round % 4 === 3 ? await build('priced') : undefined;
    if (round < 4) continue;
    linked.push(parsed);
    checked.push(complete);
    if (whole !== undefined) priced.push(whole);
  }
  const typed = await measure(ours, lines);
  const parse = quantile(linked, 0.5);
  const share = (seconds: number) => `${(seconds * 1000).toFixed(0)} ms, ${(seconds / parse).toFixed(2)} times`;
  console.log(`${lines} lines, from nothing and warm: parsing and linking ${(parse * 1000).toFixed(0)} ms;`);
  console.log(`  with all rules, as an editor shows them first: ${share(quantile(checked, 0.5))};`);
  console.log(
    `  with what findings cost and what runs show, as the command line does: ${share(quantile(priced, 0.5))};`,
  );
  console.log(`  a keystroke to diagnostics over the protocol: ${share(quantile(typed.keystroke, 0.5))}.`);
}

/** Prisma's language server, fetched once; none where it cannot be. */
function prisma(): Contender[] {
  const folder = resolve(root, '.cache/bench/prisma');
  const entry = resolve(folder, 'node_modules/@prisma/language-server/dist/bin.js');
  if (!existsSync(entry)) {
    mkdirSync(folder, { recursive: true });
    try {
      const flags = ['--no-audit', '--no-fund', '--ignore-scripts', '--prefix', folder];
      execFileSync('npm', ['install', ...flags, '@prisma/language-server@31.12.10'], { stdio: 'ignore', cwd: folder });
    } catch {
      console.log('(@prisma/language-server could not be fetched: measured alone)\n');
      return [];
    }
  }
  return [
    {
      name: '@prisma/language-server',
      command: [process.execPath, entry, '--stdio'],
      languageId: 'prisma',
      extension: 'prisma',
      text: schemaText,
      edits: [/note {6}String/, / {2}count/, /one more/, /model Model\d+/],
      hover: / {2}previous {2}Model/,
      completion: / {2}isActive {2}/,
    },
  ];
}
