import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { shippedExamples } from '../../client/features/examples/examples.ts';
import { defaultSettings } from '../../server/protocol.ts';

interface Setting {
  readonly type: string;
  readonly default: unknown;
  readonly enum?: readonly string[];
  readonly enumDescriptions?: readonly string[];
  readonly description?: string;
  readonly markdownDescription?: string;
  readonly propertyNames?: { readonly enum: readonly string[] };
}
interface MenuItem {
  readonly command?: string;
  readonly submenu?: string;
  readonly when?: string;
}
interface Manifest {
  readonly main: string;
  readonly browser: string;
  readonly icon: string;
  readonly engines: { readonly vscode: string };
  readonly capabilities: Record<string, { readonly supported: boolean; readonly description: string }>;
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string; readonly category: string }[];
    readonly menus: Record<string, readonly MenuItem[]>;
    readonly submenus: readonly { readonly id: string }[];
    readonly languages: readonly { readonly id: string }[];
    readonly views: Record<string, readonly { readonly id: string }[]>;
    readonly configuration: readonly { readonly title: string; readonly properties: Record<string, Setting> }[];
    readonly semanticTokenScopes: readonly { readonly scopes: Record<string, readonly string[]> }[];
    readonly walkthroughs: readonly {
      readonly steps: readonly {
        readonly id: string;
        readonly description: string;
        readonly completionEvents: readonly string[];
      }[];
    }[];
    readonly keybindings?: unknown;
  };
}

const root = new URL('../../', import.meta.url);
const text = readFileSync(new URL('package.json', root), 'utf8');
const manifest = JSON.parse(text) as Manifest;
const { contributes } = manifest;
const commands = contributes.commands.map((each) => each.command);
const settings = Object.assign({}, ...contributes.configuration.map((part) => part.properties)) as Record<
  string,
  Setting
>;

test('VS Code takes both entries for CommonJS, which alone runs in its extension host in a browser', () => {
  expect(manifest.main).toMatch(/\.cjs$/);
  expect(manifest.browser).toMatch(/\.cjs$/);
});

describe('commands', () => {
  test('stand under one category and have a title', () => {
    for (const each of contributes.commands) {
      expect(each.category).toBe('PCIe');
      expect(each.title).toMatch(/^[A-Z]/);
      expect(each.command).toMatch(/^pcie\.[a-zA-Z]+$/);
    }
    expect(new Set(commands).size).toBe(commands.length);
  });
  test('menus name commands and submenus that exist', () => {
    for (const item of Object.values(contributes.menus).flat()) {
      if (item.command !== undefined) expect(commands).toContain(item.command);
      else expect(contributes.submenus.map((each) => each.id)).toContain(item.submenu);
    }
  });
  test('the palette says of each command when it makes sense, save those that always do', () => {
    const palette = contributes.menus.commandPalette?.map((item) => item.command) ?? [];
    const always = ['pcie.openExample', 'pcie.importMachine', 'pcie.compareMachines'];
    expect([...palette, ...always].sort()).toEqual([...commands].sort());
    for (const item of contributes.menus.commandPalette ?? []) expect(item.when).toBeTruthy();
  });
  test('context keys in conditions are ours or the editor’s', () => {
    const known = ['pcie.active', 'pcie.running', 'pcie.hasResults', 'pcie.results', 'pcie-catalogue'];
    const used = [...text.matchAll(/"(?:when|enablement)": "([^"]*)"/g)].flatMap(
      (match) => match[1]?.match(/pcie[.-][\w.]+/g) ?? [],
    );
    expect(used.length).toBeGreaterThan(5);
    for (const key of used) expect(known).toContain(key);
  });
  test('the explorer offers to import what tools write of machines, and nothing else', () => {
    const when = contributes.menus['explorer/context']?.find(({ command }) => command === 'pcie.importMachine')?.when;
    const [name, extension] = [...(when ?? '').matchAll(/=~ \/((?:[^/\\]|\\.)+)\/i/g)].map(
      ([, pattern]) => new RegExp(pattern ?? '', 'i'),
    );
    const offered = (file: string): boolean =>
      name?.test(file) === true && extension?.test(/\.[^.]*$/.exec(file)?.[0] ?? '') === true;
    for (const file of [
      'lspci',
      'host.lspci.txt',
      'lspci-vvv.log',
      'node7.lspci',
      'sys.tar.gz',
      'sysfs.tar',
      'topo.xml',
    ])
      expect({ file, offered: offered(file) }).toEqual({ file, offered: true });
    for (const file of ['topology.md', 'topo.png', 'lspci.py', 'nccl-server.pcie', 'notes.txt', 'topology.ts'])
      expect({ file, offered: offered(file) }).toEqual({ file, offered: false });
  });
  test('no key is taken', () => {
    expect(contributes.keybindings).toBeUndefined();
  });
});

test('every file that the manifest names is there', () => {
  const names = [...text.matchAll(/"(\.\/[^"]+|icons\/[^"]+)"/g)].map((match) => match[1] ?? '');
  const files = names.filter((name) => !name.startsWith('./dist/'));
  expect(files.length).toBeGreaterThan(8);
  for (const file of files) expect({ file, there: existsSync(new URL(file, root)) }).toEqual({ file, there: true });
});

test('the examples that can be opened are those that ship', () => {
  const files = readdirSync(new URL('examples/', root), { recursive: true, encoding: 'utf8' });
  // Those of the lecture are reached from its page.
  const shipped = files.filter((file) => file.endsWith('.pcie') && !file.startsWith('lecture')).sort();
  expect(shippedExamples.map((example) => example.file).sort()).toEqual(shipped);
});

describe('settings', () => {
  test('are described, and so is each of their values', () => {
    for (const [key, setting] of Object.entries(settings)) {
      expect(key).toMatch(/^pcie\./);
      expect(setting.description ?? setting.markdownDescription, key).toMatch(/^[A-Z].*\.$/);
      expect(setting.enumDescriptions?.length, key).toBe(setting.enum?.length);
      if (setting.enum !== undefined) expect(setting.enum).toContain(setting.default);
    }
  });
  test('know the code of every rule', () => {
    const index = JSON.parse(readFileSync(new URL('docs/rules/index.json', root), 'utf8')) as {
      readonly code: string;
    }[];
    // After `node scripts/generate-manifest-rules.ts`.
    expect(settings['pcie.rules']?.propertyNames?.enum).toEqual(index.map((rule) => rule.code));
  });
  test('have the defaults of the protocol, and all of its keys', () => {
    const { rules, hints, lenses, simulation } = defaultSettings;
    const expected: Record<string, unknown> = { 'pcie.rules': rules };
    for (const [section, values] of Object.entries({ hints, lenses, simulation })) {
      for (const [key, value] of Object.entries(values)) expected[`pcie.${section}.${key}`] = value;
    }
    const clientOnly = ['pcie.results.reveal', 'pcie.results.inline', 'pcie.trace.server'];
    expect(Object.keys(settings).sort()).toEqual([...Object.keys(expected), ...clientOnly].sort());
    for (const [key, value] of Object.entries(expected))
      expect({ key, value: settings[key]?.default }).toEqual({ key, value });
  });
});

test('untrusted and virtual workspaces are declared with a reason', () => {
  for (const key of ['untrustedWorkspaces', 'virtualWorkspaces']) {
    expect(manifest.capabilities[key]?.supported).toBe(true);
    expect(manifest.capabilities[key]?.description).not.toBe('');
  }
});

test('the walkthrough runs commands that exist, with examples that ship, and ticks by them', () => {
  const steps = contributes.walkthroughs.flatMap((each) => each.steps);
  expect(steps.map(({ id }) => id)).toEqual(['open', 'fix', 'simulate', 'import', 'compare']);
  const known = [...commands, 'workbench.actions.view.problems', 'editor.action.quickFix'];
  for (const { description, completionEvents } of steps) {
    const links = [...description.matchAll(/\(command:([^)?]+)(?:\?([^)]+))?\)/g)];
    expect(links.length).toBeGreaterThan(0);
    for (const [, command, given] of links) {
      expect(known).toContain(command);
      if (given === undefined) continue;
      const [example] = JSON.parse(decodeURIComponent(given)) as string[];
      expect(shippedExamples.map(({ file }) => file)).toContain(example);
    }
    expect(completionEvents.length).toBeGreaterThan(0);
    for (const event of completionEvents) {
      const [, kind, what] = /^(onCommand|onContext):(.+)$/.exec(event) ?? [];
      if (kind === 'onCommand') expect(known).toContain(what);
      else expect(['pcie.hasResults', 'editorLangId == pcie']).toContain(what);
    }
  }
});

test('every kind of word that the server colours has a scope of the grammar', () => {
  const grammar = readFileSync(new URL('syntaxes/pcie.tmLanguage.json', root), 'utf8');
  const server = readFileSync(new URL('server/features/semantic-tokens.ts', root), 'utf8');
  const kinds = [...(/const types = \[([^\]]*)\]/.exec(server)?.[1] ?? '').matchAll(/'(\w+)'/g)].map(
    (match) => match[1] ?? '',
  );
  expect(kinds.length).toBeGreaterThan(10);
  const scopes = contributes.semanticTokenScopes[0]?.scopes ?? {};
  expect(Object.keys(scopes).sort()).toEqual([...kinds].sort());
  for (const [scope] of Object.values(scopes)) expect(grammar).toContain(scope?.replace(/\.pcie$/, ''));
});

test('the engine is the first whose extension host runs Node 22', () => {
  expect(manifest.engines.vscode).toBe('^1.101.0');
});
