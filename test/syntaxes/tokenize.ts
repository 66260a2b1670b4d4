import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import oniguruma from 'vscode-oniguruma';
import textmate, { type IGrammar } from 'vscode-textmate';

const require = createRequire(import.meta.url);
export const grammarFile = new URL('../../syntaxes/pcie.tmLanguage.json', import.meta.url);

/** A piece of a line with its scopes, the outermost first. */
export interface ScopedToken {
  readonly text: string;
  readonly start: number;
  readonly end: number;
  readonly scopes: readonly string[];
}

/** The TextMate grammar on the engine that VS Code uses. */
export async function loadPcieGrammar(): Promise<IGrammar> {
  const wasm = readFileSync(require.resolve('vscode-oniguruma/release/onig.wasm'));
  await oniguruma.loadWASM(new Uint8Array(wasm).buffer);
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async (scope) =>
      scope === 'source.pcie'
        ? textmate.parseRawGrammar(readFileSync(grammarFile, 'utf8'), 'pcie.tmLanguage.json')
        : null,
  });
  const grammar = await registry.loadGrammar('source.pcie');
  if (grammar === null) throw new Error('The grammar could not be loaded.');
  return grammar;
}

/** The tokens of each line. */
export function tokenizeLines(grammar: IGrammar, lines: readonly string[]): ScopedToken[][] {
  let state = textmate.INITIAL;
  return lines.map((line) => {
    const result = grammar.tokenizeLine(line, state);
    state = result.ruleStack;
    return result.tokens.map((token) => ({
      text: line.slice(token.startIndex, token.endIndex),
      start: token.startIndex,
      end: token.endIndex,
      scopes: token.scopes,
    }));
  });
}
