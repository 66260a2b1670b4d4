import { type AstNode, AstUtils, isCompositeCstNode, isLeafCstNode } from 'langium';
import type { Machine, Property } from '../generated/ast.ts';
import type { Fix } from './rule.ts';

type Edit = Fix['edits'][number];

/** A new line at the end of a node's block; the block is made where there is none. Null for a node without text. */
export function insertLine(node: AstNode, line: string): Edit | null {
  const cst = node.$cstNode;
  if (cst === undefined) return null;
  const uri = AstUtils.getDocument(node).uri.toString();
  const text = cst.root.fullText;
  const indentation = indentationAt(text, cst.offset);
  const closed = 'closed' in node && node.closed === true && text[cst.end - 1] === '}';
  if (!closed) {
    return hasBrace(node)
      ? null
      : { uri, offset: cst.end, end: cst.end, text: ` {\n${indentation}  ${line}\n${indentation}}` };
  }
  const close = cst.end - 1;
  const before = text.slice(0, close);
  const lineStart = before.lastIndexOf('\n') + 1;
  const isAlone = before.slice(lineStart).trim() === '';
  return isAlone
    ? { uri, offset: lineStart, end: lineStart, text: `${indentation}  ${line}\n` }
    : { uri, offset: close, end: close, text: `\n${indentation}  ${line}\n${indentation}` };
}

/** A line in a block of a machine (`linux`, `firmware`), which is made where the machine has none. */
export function sayInBlock(machine: Machine, block: string, line: string): Edit | null {
  const found = blockOf(machine, block);
  if (found !== undefined) return insertLine(found, line);
  const cst = machine.$cstNode;
  const [first] = machine.members;
  if (cst === undefined || first?.$cstNode === undefined) return null;
  const indentation = indentationAt(cst.root.fullText, first.$cstNode.offset);
  const text = `${block} {\n${indentation}  ${line}\n${indentation}}\n${indentation}`;
  const { offset } = first.$cstNode;
  return { uri: AstUtils.getDocument(machine).uri.toString(), offset, end: offset, text };
}

/** A property of a block of a machine said anew: replaced where it stands, added where it does not. */
export function replaceProperty(machine: Machine, block: string, key: string, text: string): Edit | null {
  const found = blockOf(machine, block)?.members.find(
    (member): member is Property => member.$type === 'Property' && member.key === key,
  );
  const cst = found?.$cstNode;
  if (found === undefined || cst === undefined) return sayInBlock(machine, block, text);
  return { uri: AstUtils.getDocument(found).uri.toString(), offset: cst.offset, end: cst.end, text };
}

function blockOf(machine: Machine, block: string): Property | undefined {
  return machine.members.find(
    (member): member is Property => member.$type === 'Property' && member.key === block && hasBrace(member),
  );
}

function hasBrace(node: AstNode): boolean {
  const cst = node.$cstNode;
  return (
    cst !== undefined &&
    isCompositeCstNode(cst) &&
    cst.content.some(
      (child) =>
        child.text.startsWith('{') ||
        (isCompositeCstNode(child) && child.content.some((one) => isLeafCstNode(one) && one.text === '{')),
    )
  );
}

function indentationAt(text: string, offset: number): string {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  return /^[ \t]*/.exec(text.slice(start, offset))?.[0] ?? '';
}
