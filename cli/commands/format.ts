import { readFileSync, writeFileSync } from 'node:fs';
import { EmptyFileSystem } from 'langium';
import { formatText } from '../../language/format.ts';
import { createPcieServices } from '../../language/module.ts';
import { exitCodes, Misuse } from '../exit.ts';
import { print } from '../output.ts';

/** `pcie format FILE…`: rewrites files in the one form; with `check` only says which would change. */
export function format(paths: readonly string[], options: { readonly check?: boolean }): number {
  const { pcie } = createPcieServices(EmptyFileSystem);
  let changed = 0;
  for (const path of paths) {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch {
      throw new Misuse(`${path}: cannot be read.`);
    }
    const formatted = formatText(text, (source) => pcie.parser.Lexer.tokenize(source));
    if (formatted === text) continue;
    changed++;
    if (options.check === true) print(`${path}: not formatted`);
    else {
      writeFileSync(path, formatted);
      print(`${path}: formatted`);
    }
  }
  return options.check === true && changed > 0 ? exitCodes.failed : exitCodes.done;
}
