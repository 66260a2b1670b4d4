import { Uri, window, workspace } from 'vscode';
import type { Feature, Host } from '../../core/feature.ts';
import { showText } from '../../core/show-text.ts';
import { shippedExamples } from './examples.ts';

/** Opens an example as a new document: the shipped file stays as it is. */
export const examples: Feature = {
  name: 'examples',
  activate(host) {
    host.command('pcie.openExample', async (file) => {
      const chosen = typeof file === 'string' ? file : await pick();
      if (chosen !== undefined) await open(host, chosen);
    });
  },
};

async function pick(): Promise<string | undefined> {
  const choices = shippedExamples.map(({ file, title, about }) => ({ label: title, detail: about, file }));
  const chosen = await window.showQuickPick(choices, {
    title: 'Example',
    placeHolder: 'Which machine?',
    matchOnDetail: true,
  });
  return chosen?.file;
}

async function open(host: Host, file: string): Promise<void> {
  if (!shippedExamples.some((example) => example.file === file)) throw new Error(`There is no example ${file}.`);
  const uri = Uri.joinPath(host.context.extensionUri, 'examples', ...file.split('/'));
  const content = new TextDecoder().decode(await workspace.fs.readFile(uri));
  const document = await workspace.openTextDocument({ language: 'pcie', content });
  await showText(document);
}
