import { commands, env, Uri, window, workspace } from 'vscode';
import { clientCommand } from '../../../server/protocol.ts';
import type { Feature } from '../../core/feature.ts';
import { isRuleCode, openRulePage, rulePagePath } from './command.ts';

/** The pages that explain the rules, as pages; what findings say to do elsewhere, to be copied. */
export const rulePages: Feature = {
  name: 'rule pages',
  activate(host) {
    host.command(openRulePage, async (code) => {
      if (!isRuleCode(code)) throw new Error('This is not the code of a rule.');
      const page = Uri.joinPath(host.context.extensionUri, ...rulePagePath(code));
      try {
        await commands.executeCommand('markdown.showPreview', page);
      } catch {
        // The Markdown extension can be turned off.
        await window.showTextDocument(await workspace.openTextDocument(page), { preview: true });
      }
    });
    host.command(clientCommand.copyText, async (text) => {
      if (typeof text !== 'string') throw new Error('There is nothing to copy.');
      await env.clipboard.writeText(text);
      window.setStatusBarMessage(`Copied: ${text}`, 4000);
    });
  },
};
