import { lineText, type PrintNode } from './fold.ts';
import type { LocalPart } from './parts.ts';

/** A file before its lines are set. */
export interface FileText {
  readonly name: string;
  readonly unknowns: readonly string[];
  readonly parts: readonly LocalPart[];
  readonly blocks: readonly string[];
  readonly allows: readonly string[];
  readonly tops: readonly PrintNode[];
  readonly statements: readonly string[];
}

/** Columns up to which a block of one statement stays on its line. */
const shortLine = 100;

/** The text in the formatter's form: two spaces a level, one statement a line, a block of one short statement on its line. */
export function layOut(file: FileText): string {
  const lines: string[] = [];
  // What a processor brings along is long and is what nobody looks for: it stands last.
  for (const part of file.parts) if (part.kind !== 'device') lines.push(...partLines(part), '');
  const last = file.parts.filter((part) => part.kind === 'device').flatMap((part) => ['', ...partLines(part)]);
  const isEmpty = [file.unknowns, file.blocks, file.allows, file.tops, file.statements].every(
    (one) => one.length === 0,
  );
  if (isEmpty) return `${[...lines, `machine ${file.name} {}`, ...last].join('\n')}\n`;
  lines.push(`machine ${file.name} {`);
  for (const sentence of file.unknowns) lines.push(`  // ${sentence}`);
  const groups: string[][] = [
    ...file.blocks.map((block) => statement(block)),
    ...(file.allows.length === 0 ? [] : [[...file.allows]]),
    ...file.tops.map((node) => nodeLines(node, 1)),
    ...(file.statements.length === 0 ? [] : [file.statements.flatMap(statement)]),
  ];
  groups.forEach((group, at) => {
    if (at > 0 && (group.length > 1 || (groups[at - 1]?.length ?? 0) > 1)) lines.push('');
    lines.push(...indent(group, 1));
  });
  lines.push('}', ...last);
  return `${lines.join('\n')}\n`;
}

function partLines(part: LocalPart): string[] {
  return [
    ...(part.description === null ? [] : [`/// ${part.description.replace(/[\r\n]+/g, ' ')}.`]),
    `part ${part.kind} ${part.name}${part.base === null ? '' : ` : ${part.base}`} {`,
    ...part.lines.flatMap((line) => indent(statement(line), 1)),
    '}',
  ];
}

/** The lines of a component; `depth` is its level of indentation, which decides what still fits. */
function nodeLines(node: PrintNode, depth: number): string[] {
  const name = node.numbers === null ? node.base : named(node.base, node.numbers);
  const head = [node.kind, name, node.link, node.part === null ? '' : `: ${node.part}`]
    .filter((word) => word !== '')
    .join(' ');
  const inside = [
    ...node.lines.map((line) => statement(lineText(line))),
    ...node.children.map((child) => nodeLines(child, depth + 1)),
  ];
  const [only, ...others] = inside;
  if (only === undefined) return [head];
  const oneLine = `${head} { ${only.join(' ')} }`;
  if (others.length === 0 && only.length === 1 && depth * 2 + oneLine.length <= shortLine) return [oneLine];
  return [`${head} {`, ...indent(inside.flat(), 1), '}'];
}

function named(base: string, numbers: readonly number[]): string {
  const [first = 0] = numbers;
  return numbers.length === 1 ? `${base}${first}` : `${base}[${first}..${first + numbers.length - 1}]`;
}

/** A statement that may hold a block, with the lines of the block indented; a block of one line is set on the same line. */
function statement(text: string): string[] {
  const lines = text.split('\n');
  if (lines.length === 3) {
    const line = `${lines[0]} ${lines[1]} ${lines[2]}`;
    if (line.length <= shortLine - 20) return [line];
  }
  if (lines.length < 3) return lines;
  return [lines[0] ?? '', ...indent(lines.slice(1, -1), 1), lines.at(-1) ?? ''];
}

function indent(lines: readonly string[], depth: number): string[] {
  return lines.map((line) => (line === '' ? line : '  '.repeat(depth) + line));
}
