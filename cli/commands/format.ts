import { readFileSync, writeFileSync } from 'node:fs';
import { EmptyFileSystem, type ParseResult } from 'langium';
import { formatText } from '../../language/format.ts';
import { createPcieServices } from '../../language/module.ts';
import { exitCodes, Misuse, unreadable } from '../exit.ts';
import { textOf } from '../load.ts';
import { print, printJson } from '../output.ts';

/**
 * `pcie format FILE…`: rewrites files in the one form; with `check` only says which would change. A file with syntax errors
 * stays as it is: it may be no `.pcie` file at all.
 */
export function format(
  paths: readonly string[],
  options: { readonly check?: boolean; readonly json?: boolean },
): number {
  const { pcie } = createPcieServices(EmptyFileSystem);
  const files: { readonly path: string; readonly changed: boolean }[] = [];
  const tell = (text: string) => options.json !== true && print(text);
  let unsound = 0;
  for (const path of paths) {
    let text: string;
    try {
      text = textOf(readFileSync(path), path);
    } catch (error) {
      throw error instanceof Misuse ? error : unreadable(path, error);
    }
    const [error] = syntaxErrors(text, pcie.parser.LangiumParser.parse(text));
    if (error !== undefined) {
      unsound++;
      process.stderr.write(`${path}:${error.line}:${error.column}: error: ${error.message} (language/syntax)\n`);
      continue;
    }
    const formatted = formatText(text, (source) => pcie.parser.Lexer.tokenize(source));
    files.push({ path, changed: formatted !== text });
    if (formatted === text) continue;
    if (options.check === true) tell(`${path}: not formatted`);
    else {
      writeFileSync(path, formatted);
      tell(`${path}: formatted`);
    }
  }
  if (options.json === true) printJson({ files });
  if (unsound > 0) return exitCodes.misuse;
  return options.check === true && files.some((one) => one.changed) ? exitCodes.failed : exitCodes.done;
}

/** Where a text is not of the language, first things first; lines and columns from 1. */
function syntaxErrors(text: string, result: ParseResult): { line: number; column: number; message: string }[] {
  const lines = text.split(/\r\n?|\n/);
  const found = [
    ...result.lexerErrors.map(({ line, column, message }) => ({ line: line ?? 1, column: column ?? 1, message })),
    ...result.parserErrors.map(({ token, message }) => {
      // The end of the file is a token without a place.
      const isEnd = token.tokenType.name === 'EOF';
      return {
        line: (isEnd ? lines.length : token.startLine) ?? 1,
        column: (isEnd ? (lines.at(-1) ?? '').length + 1 : token.startColumn) ?? 1,
        message,
      };
    }),
  ];
  return found.sort((a, b) => a.line - b.line || a.column - b.column);
}
