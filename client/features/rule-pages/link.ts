import { type Diagnostic, Uri } from 'vscode';
import { rulePageCommand } from './command.ts';

/** Turns the link of a diagnostic's code into a command that shows the page as a page and not as its source. */
export function linkRulePage(diagnostic: Diagnostic): Diagnostic {
  const { code } = diagnostic;
  if (typeof code !== 'object' || !code.target.path.endsWith('.md')) return diagnostic;
  diagnostic.code = { value: code.value, target: Uri.parse(rulePageCommand(String(code.value))) };
  return diagnostic;
}
