import { AstUtils, type LangiumDocument } from 'langium';
import type { ElaboratedMachine } from '../../language/elaborate/elaborated.ts';
import { NameIndex } from '../../language/elaborate/names.ts';
import {
  type Component as ComponentNode,
  isMachine,
  isReference,
  type Override,
  type Property,
} from '../../language/generated/ast.ts';
import { effectiveAcs, redirectBits } from '../../model/isolation/acs.ts';
import { isGeneration, isLaneCount } from '../../model/link/generation.ts';
import { type Component, componentAt, type Machine } from '../../model/machine.ts';
import { spanOf } from '../text/cst.ts';
import { rangeOf } from '../text/ranges.ts';
import { actionsOf, overridesOf, statementOf, whyNotOwn } from './actions.ts';
import { cutStatement, insertStatement, type TextChange } from './block-text.ts';
import type { DiagramAction, DiagramChange } from './diagram.types.ts';
import { diagramNames } from './names.ts';

/** An action that the text does not allow; the message is for the person who tried. */
export class Refused extends Error {
  override readonly name = 'Refused';
}

/**
 * The change of the text that an action in the picture means. Comments stay with what they are about.
 *
 * @param others the other machines of the file: names that they know as well are left alone
 * @throws Refused where the action cannot be said in this text
 */
export function changeOf(
  elaborated: ElaboratedMachine,
  document: LangiumDocument,
  action: DiagramAction,
  others: readonly ElaboratedMachine[] = [],
): DiagramChange {
  const target = new Target(elaborated, document);
  const { title, changes } = make(target, action, others);
  return {
    uri: document.uri.toString(),
    version: document.textDocument.version,
    title,
    edits: changes.map((change) => ({ range: rangeOf(document, change), newText: change.text })),
  };
}

interface Made {
  readonly title: string;
  readonly changes: readonly TextChange[];
}

function make(target: Target, action: DiagramAction, others: readonly ElaboratedMachine[]): Made {
  switch (action.kind) {
    case 'move':
      return move(target, target.component(action.device), target.component(action.port), others);
    case 'link':
      return setLink(target, target.component(action.port), action.lanes, action.generation);
    case 'acs':
      return setAcs(target, target.component(action.port), action.on);
  }
}

/** The text that is changed, with the machine that it makes. */
class Target {
  readonly elaborated: ElaboratedMachine;
  readonly document: LangiumDocument;
  readonly text: string;
  readonly uri: string;

  constructor(elaborated: ElaboratedMachine, document: LangiumDocument) {
    this.elaborated = elaborated;
    this.document = document;
    this.text = document.textDocument.getText();
    this.uri = document.uri.toString();
  }

  get machine(): Machine {
    return this.elaborated.machine;
  }

  component(name: string): Component {
    const found = this.machine.components[diagramNames(this.machine).indexOf(name)];
    if (found === undefined) throw new Refused(`There is no ${name} any more.`);
    return found;
  }

  allows(component: Component, action: 'move' | 'link' | 'acs' | 'takes', otherwise: string): void {
    const found = actionsOf(this.elaborated, component, this.uri)[action];
    if (found !== true) throw new Refused(found ?? otherwise);
  }

  /** Where a thing can be said of a component: its own statement, an override of it, or null: a new override. */
  says(component: Component, has: (node: ComponentNode | Override) => boolean): ComponentNode | Override | null {
    const overrides = overridesOf(this.elaborated, component.id);
    const saying = overrides.findLast(has);
    if (saying !== undefined) return saying;
    if (whyNotOwn(this.elaborated, component, this.uri) === null) {
      const node = statementOf(this.elaborated, component.id);
      return node as ComponentNode;
    }
    return overrides.at(-1) ?? null;
  }

  /** Puts a statement into the block of a component; by an override where it has no text of its own. */
  insert(component: Component, statement: string, where: 'start' | 'end', into: ComponentNode | Override | null) {
    if (into !== null) return this.#checked(insertStatement(this.text, into, statement, where), component.label);
    const short = this.elaborated.names.shortest(component.id);
    const lines = statement.includes('\n') ? ` {\n${statement}\n}` : ` { ${statement.trim()} }`;
    return this.override(`override ${short}${lines}`);
  }

  /** Adds an override at the end of the machine. */
  override(statement: string): TextChange {
    const made = insertStatement(this.text, this.elaborated.node, statement, 'end');
    return this.#checked(made, this.machine.name);
  }

  #checked(change: TextChange | null, label: string): TextChange {
    if (change === null) throw new Refused(`The block of ${label} is not closed: close it first.`);
    return change;
  }
}

// ---- move ----

function move(target: Target, device: Component, port: Component, others: readonly ElaboratedMachine[]): Made {
  const { elaborated, machine, text } = target;
  target.allows(device, 'move', `${device.label} cannot be plugged into another port.`);
  if (port.id === device.parent) throw new Refused(`${device.label} is there already.`);
  if (port.children.length > 0) {
    const holds = componentAt(machine, port.children[0] ?? -1).label;
    throw new Refused(`${port.label} holds ${holds} already: a port has one device.`);
  }
  target.allows(port, 'takes', `Nothing can be plugged into ${port.label}.`);
  if (port.name.startsWith(`${device.name}.`)) throw new Refused(`${device.label} cannot hang below itself.`);
  const taken = machine.components.some((other) => other.name === `${port.name}.${device.label}`);
  if (taken) throw new Refused(`${port.label} has a ${device.label} already.`);
  const node = statementOf(elaborated, device.id);
  const block = node.$container;
  const cut = block === undefined ? null : cutStatement(text, node, block);
  if (cut === null) throw new Refused(`The block around ${device.label} is not closed: close it first.`);
  const into = target.says(port, (one) => one.members.length > 0);
  const pasted = target.insert(port, cut.statement, 'end', into);
  return {
    title: `Move ${device.label} to ${elaborated.names.shortest(port.id)}`,
    changes: [cut.change, pasted, ...renamed(target, device, port, others, cut.change)],
  };
}

/** References by a name that leads through the old place, changed so that they mean the same things again. */
function renamed(
  target: Target,
  device: Component,
  port: Component,
  others: readonly ElaboratedMachine[],
  cut: TextChange,
): TextChange[] {
  const { machine, names } = target.elaborated;
  const moved = `${port.name}.${device.label}`;
  const isMoved = (name: string) => name === device.name || name.startsWith(`${device.name}.`);
  const after = new NameIndex(
    machine.name,
    machine.components.map(({ name }) => (isMoved(name) ? moved + name.slice(device.name.length) : name)),
    machine.components.filter((one) => one.kind === 'socket').map((one) => one.id),
  );
  const changes: TextChange[] = [];
  for (const node of AstUtils.streamAllContents(target.document.parseResult.value)) {
    if (!isReference(node)) continue;
    const cst = node.element?.$refNode;
    const said = node.element?.$refText;
    if (cst === undefined || said === undefined || node.range !== undefined) continue;
    if (cst.offset >= cut.offset && cst.end <= cut.end) continue;
    const around = AstUtils.getContainerOfType(node, isMachine);
    if (around !== undefined && around !== target.elaborated.node) continue;
    const [before, second] = names.lookup(said);
    if (before === undefined || second !== undefined || before.memory) continue;
    if (around === undefined && others.some((other) => other.names.lookup(said).length > 0)) continue;
    const now = after.lookup(said);
    if (now.length === 1 && now[0]?.id === before.id) continue;
    changes.push({ offset: cst.offset, end: cst.end, text: after.shortest(before.id) });
  }
  return changes;
}

// ---- links ----

function setLink(target: Target, port: Component, lanes: number, generation: number | null): Made {
  target.allows(port, 'link', `${port.label} has no link of its own.`);
  if (!isLaneCount(lanes)) throw new Refused(`A PCIe link has 1, 2, 4, 8, 12, 16 or 32 lanes, not ${lanes}.`);
  if (generation !== null && !isGeneration(generation)) throw new Refused(`There is no generation ${generation}.`);
  const words = [...(generation === null ? [] : [`gen${generation}`]), `x${lanes}`];
  const title = `Set ${port.label} to ${words.join(' ')}`;
  const node = target.says(port, (one) => one.link.length > 0);
  if (node === null) {
    const short = target.elaborated.names.shortest(port.id);
    return { title, changes: [target.override(`override ${short} ${words.join(' ')}`)] };
  }
  const changes: TextChange[] = [];
  const missing: string[] = [];
  for (const word of words) {
    const kind = word.startsWith('gen') ? 'gen' : 'x';
    const term = node.link.findLast((each) => each.text.startsWith(kind))?.$cstNode;
    if (term === undefined) missing.push(word);
    else if (term.text !== word) changes.push({ offset: term.offset, end: term.end, text: word });
  }
  if (missing.length > 0) {
    const last = node.link.at(-1)?.$cstNode;
    const named = node.$type === 'Override' ? node.target?.$cstNode : (node.range?.$cstNode ?? spanOf(node, 'name'));
    const at = last ?? named;
    if (at === undefined) throw new Refused(`${port.label} has no name in the text.`);
    changes.push({ offset: at.end, end: at.end, text: ` ${missing.join(' ')}` });
  }
  if (changes.length === 0) throw new Refused(`${port.label} is ${words.join(' ')} already.`);
  return { title, changes };
}

// ---- ACS ----

function setAcs(target: Target, port: Component, on: boolean): Made {
  target.allows(port, 'acs', `${port.label} has no ACS of its own.`);
  const said = `acs ${on ? onWords(target.machine, port) : 'off'}`;
  const title = `${on ? 'Switch on' : 'Switch off'} ACS of ${port.label}`;
  const node = target.says(port, (one) => acsOf(one) !== undefined);
  const before = node === null ? undefined : acsOf(node)?.$cstNode;
  const change =
    before === undefined
      ? target.insert(port, said, 'start', node)
      : { offset: before.offset, end: before.end, text: said };
  return { title, changes: [change] };
}

function acsOf(node: ComponentNode | Override): Property | undefined {
  return node.members.find((member): member is Property => member.$type === 'Property' && member.key === 'acs');
}

/** The words that switch ACS on: what the kernel does by itself where that redirects, else the kernel's bits by name. */
function onWords(machine: Machine, port: Component): string {
  if (port.kind === 'switch') {
    const ports = port.children.map((id) => componentAt(machine, id)).filter((child) => child.kind === 'port');
    const [first] = ports;
    return first === undefined ? 'default' : onWords(machine, first);
  }
  const untouched: Machine = {
    ...machine,
    components: machine.components.map((one) => (one.id === port.id ? { ...one, acs: 'default' as const } : one)),
  };
  const boot = effectiveAcs(untouched, port.id);
  if (boot.control.some((bit) => redirectBits.includes(bit))) return 'default';
  const able = boot.capability ?? [];
  const bits = (['SV', 'RR', 'CR', 'UF'] as const).filter((bit) => able.includes(bit));
  if (bits.length === 0) throw new Refused(`${port.label} has no ACS capability: its part or its text says so.`);
  return bits.join(' ');
}
