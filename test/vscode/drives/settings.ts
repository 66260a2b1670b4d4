import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { root } from '../../../scripts/lib/run.mjs';
import type { Stage } from '../drive.types.ts';
import { pair } from '../machines.ts';
import { viewFrame } from '../views.ts';
import {
  command,
  goToLine,
  injected,
  languageReady,
  lens,
  openFile,
  pick,
  showTab,
  writeSettings,
} from '../workbench.ts';

export const name = 'settings';

interface Setting {
  readonly description?: string;
  readonly markdownDescription?: string;
}
interface Manifest {
  readonly contributes: {
    readonly configuration: readonly {
      readonly title: string;
      readonly properties: Readonly<Record<string, Setting>>;
    }[];
  };
}
const manifest: Manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const parts = manifest.contributes.configuration;

const narrow = `machine narrow {
  socket cpu0 {
    memory 64 GiB
    root-port rp0 gen4 x3
  }
}
`;

const reads = `machine reads {
  socket cpu0 : epyc-9554 {
    memory 384 GiB
    root-port rp0 gen4 x4 { nvme ssd0 : pm9a3 }
  }
}
job small on ssd0 {
  pattern randread
  block 4 KiB
  depth 64
  jobs 4
  runtime 20 ms
}
`;

export function prepare(folder: string): void {
  writeFileSync(join(folder, 'narrow.pcie'), narrow);
  writeFileSync(join(folder, 'pair.pcie'), pair);
  writeFileSync(join(folder, 'reads.pcie'), reads);
  const [machine] = readFileSync(join(folder, 'ai-server.pcie'), 'utf8').split('/// Load');
  writeFileSync(join(folder, 'short.pcie'), `${machine}transfer short from gpu0 to gpu2 { size 64 KiB }\n`);
}

/** Every setting does what it says as soon as it is changed, and all stand in the settings under one heading. */
export async function run(stage: Stage): Promise<void> {
  const checked = [
    ...(await hintsAndLenses(stage)),
    ...(await rules(stage)),
    ...(await inline(stage)),
    ...(await reveal(stage)),
    ...(await simulation(stage)),
    // In the browser the log stays empty at its level Trace, whatever is set: the desktop alone shows it.
    ...(stage.workbench === 'web' ? ['pcie.trace.server'] : await trace(stage)),
  ];
  const all = parts.flatMap(({ properties }) => Object.keys(properties));
  const left = all.filter((key) => !checked.includes(key));
  if (left.length > 0) throw new Error(`nobody looked at ${left.join(', ')}`);
  await settingsEditor(stage);
}

async function until(page: Page, what: string, holds: () => Promise<boolean>, seconds = 20): Promise<void> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await page.waitForTimeout(200)) {
    if (await holds()) return;
  }
  throw new Error(`not so: ${what}`);
}

async function hintsAndLenses({ page, folder, log, shot }: Stage): Promise<string[]> {
  await openFile(page, 'ai-server.pcie');
  await languageReady(page);
  await goToLine(page, 45);
  await goToLine(page, 21);
  const links = injected(page, /^\s*[\d.]+\sGB\/s/);
  const machines = lens(page, 'IOMMU groups');
  await links.waitFor();
  writeSettings(folder, { 'pcie.hints.links': false });
  await links.waitFor({ state: 'hidden' });
  log('hints.links: no rate behind a link');

  await goToLine(page, 45);
  const transfers = injected(page, /≈\s[\d.]+\sGB\/s/);
  const work = lens(page, 'Simulate this transfer');
  await transfers.waitFor();
  await work.waitFor();
  await shot('hints');
  writeSettings(folder, { 'pcie.hints.links': true, 'pcie.hints.transfers': false });
  await transfers.waitFor({ state: 'hidden' });
  log('hints.transfers: no rate behind a transfer');
  writeSettings(folder, { 'pcie.lenses.work': false });
  await work.waitFor({ state: 'hidden' });
  log('lenses.work: no lens above a transfer');

  await goToLine(page, 1);
  await machines.waitFor();
  await links.waitFor();
  writeSettings(folder, { 'pcie.lenses.machines': false });
  await machines.waitFor({ state: 'hidden' });
  log('lenses.machines: no lens above a machine');
  await shot('bare');
  writeSettings(folder, { 'pcie.hints.transfers': true, 'pcie.lenses.work': true, 'pcie.lenses.machines': true });
  await machines.waitFor();
  await goToLine(page, 45);
  await work.waitFor();
  await transfers.waitFor();
  log('and all are there again');
  return ['pcie.hints.links', 'pcie.hints.transfers', 'pcie.lenses.work', 'pcie.lenses.machines'];
}

/** A severity of a rule is that of its finding; `off`: there is none. */
async function rules({ page, folder, log }: Stage): Promise<string[]> {
  await openFile(page, 'narrow.pcie');
  for (const [level, mark] of [
    [undefined, 'error'],
    ['warning', 'warning'],
    ['information', 'info'],
    ['hint', 'hint'],
    ['off', undefined],
    ['error', 'error'],
  ]) {
    writeSettings(folder, { 'pcie.rules': level === undefined ? {} : { 'link/illegal-width': level } });
    const marks = (kind: string) => page.locator(`.part.editor .squiggly-${kind}`).count();
    await until(page, `the finding is at level ${level}`, async () => {
      const kinds = ['error', 'warning', 'info', 'hint'];
      const counts = await Promise.all(kinds.map(marks));
      return kinds.every((kind, index) => (counts[index] ?? 0) > 0 === (kind === mark));
    });
  }
  log('rules: a finding has the severity that is set, and none with off');
  return ['pcie.rules'];
}

const lastResult = (page: Page) => lens(page, /^(?!Stale).*(GB\/s|transfers) ·/);

async function inline({ page, folder, log, shot }: Stage): Promise<string[]> {
  await openFile(page, 'pair.pcie');
  await languageReady(page);
  await command(page, 'PCIe: Simulate…');
  await pick(page, 'wide');
  const there = async () => (await marks(page)).some((text) => /✓ bandwidth is/.test(text));
  await until(page, 'a mark stands behind the expectation', there);
  await shot('inline');
  writeSettings(folder, { 'pcie.results.inline': false });
  await until(page, 'no mark is there', async () => !(await there()));
  await lastResult(page).waitFor();
  writeSettings(folder, { 'pcie.results.inline': true });
  await until(page, 'the mark is there again', there);
  log('results.inline: marks behind expectations come and go');
  return ['pcie.results.inline'];
}

/** What stands behind lines by decorations, which is no text of the page. */
const marks = (page: Page): Promise<string[]> =>
  page
    .locator('.part.editor .view-line span[class*="ced-"]')
    .evaluateAll((spans) => spans.map((span) => getComputedStyle(span, '::after').content.replaceAll('\u00a0', ' ')));

/** Whether the panel is open after a run of each kind. */
async function reveal({ page, folder, log }: Stage): Promise<string[]> {
  const panel = page.locator('.part.panel');
  const after = async (work: string, when: string, comes: boolean): Promise<void> => {
    if (await panel.isVisible()) await command(page, 'View: Hide Panel');
    await panel.waitFor({ state: 'hidden' });
    writeSettings(folder, { 'pcie.results.reveal': when });
    await page.waitForTimeout(1500); // until the editor has read it
    await command(page, 'PCIe: Simulate…');
    await pick(page, work);
    if (comes) await panel.waitFor();
    else {
      await lastResult(page).waitFor();
      await page.waitForTimeout(1500);
      if (await panel.isVisible()) throw new Error(`${when}: the results came forward after ${work}`);
    }
    log(`results.reveal ${when}: after ${work} the results ${comes ? 'come' : 'stay away'}`);
  };
  await after('narrow', 'never', false);
  await after('wide', 'onFailure', false);
  await after('narrow', 'onFailure', true);
  await after('wide', 'always', true);
  return ['pcie.results.reveal'];
}

/** Every run says how it was made, and what is set makes a difference. */
async function simulation({ page, folder, log, shot }: Stage): Promise<string[]> {
  const results = await viewFrame(page, 'main#results');
  const simulated = async (file: string, values: Record<string, unknown>, says: RegExp): Promise<string> => {
    writeSettings(folder, values);
    await page.waitForTimeout(1500); // until the server has read it
    await command(page, 'PCIe: Simulate All Work in This File');
    await results.getByText(file, { exact: true }).first().waitFor({ timeout: 40_000 });
    await results.getByText(says).waitFor({ timeout: 40_000 });
    return results.locator('body').innerText();
  };
  await openFile(page, 'short.pcie');
  await languageReady(page);
  const flow = await simulated('short.pcie', {}, /at fidelity flow, with measured protocol overhead and seed 1,/);
  const taxed = await simulated(
    'short.pcie',
    { 'pcie.simulation.tax': 'worst-case' },
    /with worst-case protocol overhead/,
  );
  await simulated(
    'short.pcie',
    { 'pcie.simulation.tax': 'measured', 'pcie.simulation.fidelity': 'packet' },
    /at fidelity packet/,
  );
  const ideal = await simulated('short.pcie', { 'pcie.simulation.fidelity': 'ideal' }, /at fidelity ideal/);
  await shot('ideal');
  const rates = [ideal, flow, taxed].map((text) => Number(/([\d.]+)\sGB\/s/.exec(text)?.[1]));
  const [most = 0, usual = 0, least = 0] = rates;
  if (!(most > usual && usual > least)) throw new Error(`ideal, flow, worst-case: ${rates.join(', ')} GB/s`);
  log(`simulation.fidelity, simulation.tax: ${most} GB/s ideal, ${usual} as it flows, ${least} with the worst tax`);

  await openFile(page, 'reads.pcie');
  await languageReady(page);
  const seeded = async (seed: number): Promise<string> => {
    await simulated(
      'reads.pcie',
      { 'pcie.simulation.fidelity': undefined, 'pcie.simulation.seed': seed },
      new RegExp(`and seed ${seed},`),
    );
    return (await results.locator('section').allInnerTexts()).join('\n');
  };
  const [first, second, again] = [await seeded(7), await seeded(8), await seeded(7)];
  if (first === second) throw new Error('simulation.seed: another seed gives the same run');
  if (first !== again) throw new Error('simulation.seed: the same seed gives another run');
  log('simulation.seed: another run with another seed, the same with the same');
  return ['pcie.simulation.tax', 'pcie.simulation.fidelity', 'pcie.simulation.seed'];
}

/** What of the talk with the server the log shows while its level is Trace. */
async function trace({ page, folder, log, shot }: Stage): Promise<string[]> {
  await command(page, 'Developer: Set Log Level...');
  await pick(page, 'PCIe Topology');
  await pick(page, /^Trace/);
  await command(page, 'PCIe: Show Log');
  const lines = page.locator('.part.panel .view-lines .view-line');
  const seen = async (): Promise<string> => (await lines.allInnerTexts()).join('\n').replace(/\u00a0/g, ' ');
  for (const [value, shows] of [
    ['verbose', /^ +"(textDocument|uri|position|line)": /m],
    ['compact', /Params: \{"\w+":/],
    ['messages', /\(\d+\)'\.$/m],
  ] as const) {
    writeSettings(folder, { 'pcie.trace.server': value });
    // Nothing tells that the setting is in force: what is said before that is not traced.
    let traced = false;
    for (let attempt = 0; !traced && attempt < 4; attempt++) {
      await page.waitForTimeout(1500);
      await showTab(page, 'reads.pcie');
      await command(page, 'View: Clear Output');
      await command(page, 'PCIe: Show IOMMU Groups');
      traced = await until(page, value, async () => shows.test(await seen()), 5).then(
        () => true,
        () => false,
      );
    }
    if (!traced) throw new Error(`not so: trace.server ${value}; the log says: ${(await seen()).slice(0, 300)}`);
    if (value === 'messages' && /Params/.test(await seen())) throw new Error('messages: contents are written');
    log(`trace.server ${value}: ${(await seen()).match(shows)?.[0].trim()}`);
    await shot(`trace-${value}`);
  }
  return ['pcie.trace.server'];
}

/** All of them stand in the settings under one heading, each with its description. */
async function settingsEditor({ page, log, shot }: Stage): Promise<void> {
  await command(page, 'View: Hide Panel');
  await command(page, 'Preferences: Open Settings (UI)');
  const editor = page.locator('.settings-editor');
  await editor.waitFor();
  await page.keyboard.type('@ext:pcie-topology.pcie-topology');
  const headings = editor.locator('.settings-toc-container .monaco-list-row');
  await headings.filter({ hasText: 'PCIe Topology' }).waitFor();
  await until(page, 'every part of the settings has a heading', async () => {
    const shown = (await headings.allInnerTexts()).map((text) => text.replace(/\s*\(\d+\)\s*/, '').trim());
    return ['PCIe Topology', ...parts.map(({ title }) => title)].every((title) => shown.includes(title));
  });
  await shot('editor');
  for (const { title, properties } of parts) {
    await headings.filter({ hasText: title }).first().click();
    for (const [key, { description, markdownDescription }] of Object.entries(properties)) {
      const words = (description ?? markdownDescription ?? '').replace(/[`*]/g, '');
      const row = editor.locator('.settings-tree-container .monaco-list-row', { hasText: words }).first();
      await row.waitFor({ timeout: 10_000 }).catch(() => {
        throw new Error(`${key} is not described in the settings`);
      });
    }
  }
  await shot('editor-last');
  log(`the settings: ${parts.map(({ title }) => title).join(', ')}`);
}
