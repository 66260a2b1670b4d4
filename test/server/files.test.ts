import { DocumentState, URI } from 'langium';
import { describe, expect, test } from 'vitest';
import type { Connection } from 'vscode-languageserver';
import { ClientFiles } from '../../server/files.ts';
import { Harness, present } from './harness.ts';

describe('several files', () => {
  test('a change of a part is seen in every machine that uses it, through imports of imports', async () => {
    const harness = new Harness();
    await harness.open('part gpu card { link gen3 x16 }', 'file:///work/parts.pcie');
    await harness.open('import "parts.pcie"', 'file:///work/all.pcie');
    const text = 'import "all.pcie"\nmachine m { socket c { root-port r<|>p gen5 x16 { gpu g : card } } }';
    const opened = await harness.open(text, 'file:///work/machine.pcie');
    const hover = async () => {
      const answer = await present(harness.pcie.lsp.HoverProvider).getHoverContent(opened.document, opened.at());
      return JSON.stringify(answer?.contents);
    };
    expect(await hover()).toContain('Gen3 x16');
    const validated: string[] = [];
    harness.shared.workspace.DocumentBuilder.onDocumentPhase(DocumentState.Validated, (document) => {
      validated.push(document.uri.path);
    });
    await harness.open('part gpu card { link gen4 x8 }', 'file:///work/parts.pcie');
    expect(validated.sort()).toEqual(['/work/all.pcie', '/work/machine.pcie', '/work/parts.pcie']);
    expect(await hover()).toContain('Gen4 x8');
  });

  test('a file that appears resolves the import of it', async () => {
    const harness = new Harness();
    const opened = await harness.open(
      'import "late.pcie"\nmachine m { socket c { root-port r gen4 x16 { gpu g : la<|>te } } }',
      'file:///work/a.pcie',
    );
    const part = async () =>
      (await present(harness.pcie.lsp.DefinitionProvider).getDefinition(opened.document, opened.at()))?.[0]?.targetUri;
    expect(await part()).toBeUndefined();
    await harness.open('part gpu late {}', 'file:///work/late.pcie');
    expect(await part()).toBe('file:///work/late.pcie');
  });
});

describe('files of the client', () => {
  const asked: string[] = [];
  const connection = {
    sendRequest: async (method: string, params: { uri: string }) => {
      asked.push(`${method} ${params.uri}`);
      if (method === 'pcie/readFile') return params.uri.endsWith('/a.pcie') ? { text: 'machine m {}' } : null;
      if (method === 'pcie/statFile') return params.uri.endsWith('/a.pcie') ? { isFile: true } : null;
      return [{ uri: 'vscode-vfs://github/x/a.pcie', isFile: true }];
    },
  } as unknown as Connection;
  const remote = URI.parse('vscode-vfs://github/x/a.pcie');

  test('are read through the client', async () => {
    const files = new ClientFiles(connection);
    files.served = true;
    expect(await files.readFile(remote)).toBe('machine m {}');
    expect(await files.exists(remote)).toBe(true);
    expect(await files.exists(URI.parse('vscode-vfs://github/x/b.pcie'))).toBe(false);
    expect((await files.readDirectory(URI.parse('vscode-vfs://github/x'))).map((node) => node.uri.path)).toEqual([
      '/x/a.pcie',
    ]);
  });

  test('are .pcie files only, and there only when the client serves them', async () => {
    const files = new ClientFiles(connection);
    files.served = true;
    asked.length = 0;
    await expect(files.readFile(URI.parse('vscode-vfs://github/x/secret.txt'))).rejects.toThrow(/Only \.pcie files/);
    files.served = false;
    await expect(files.readFile(remote)).rejects.toThrow(/no file/);
    expect(await files.readDirectory(remote)).toEqual([]);
    expect(asked).toEqual([]);
  });
});
