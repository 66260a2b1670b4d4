import { type AstNode, AstUtils } from 'langium';
import type { ElaboratedMachine } from '../../language/elaborate/elaborated.ts';
import { isMachine, isTemplate, type Override } from '../../language/generated/ast.ts';
import { type Component, componentAt, isEndpoint } from '../../model/machine.ts';
import { bracesOf } from '../text/cst.ts';
import type { DiagramActions } from './diagram.types.ts';

/** What can be done to a component from the picture; a text says why something cannot be done. */
export function actionsOf(elaborated: ElaboratedMachine, component: Component, uri: string): DiagramActions {
  const { machine } = elaborated;
  const { kind } = component;
  const isPort = kind === 'root-port' || kind === 'port';
  const above = component.parent === null ? null : componentAt(machine, component.parent);
  const hangsBelowPort = above !== null && (above.kind === 'root-port' || above.kind === 'port');
  const movable = hangsBelowPort && (isEndpoint(component) || kind === 'switch' || kind === 'bridge');
  const said = whyNotSayable(elaborated, component, uri);
  return {
    move: movable ? (whyNotOwn(elaborated, component, uri) ?? true) : null,
    link: isPort || kind === 'chipset' ? (said ?? true) : null,
    acs: isPort || kind === 'switch' ? (said ?? true) : null,
    takes: isPort && component.children.length === 0 ? (said ?? true) : null,
  };
}

/** Why the text of a component cannot be cut out or changed by itself; null: it can. */
export function whyNotOwn(elaborated: ElaboratedMachine, component: Component, uri: string): string | null {
  const { label, origin } = component;
  const node = elaborated.nodes[component.id];
  if (node?.$cstNode === undefined) return `${label} has no text of its own.`;
  const count = elaborated.componentsOf.get(node)?.length ?? 1;
  if (origin.uri !== uri) return `${label} stands in another file: ${fileOf(origin.uri)}.`;
  if (AstUtils.getContainerOfType(node, isTemplate) !== undefined)
    return `${label} comes from a template: change the template, or write it out.`;
  if (count > 1) return `${label} is one of ${count} that one line makes: write them out to change one.`;
  if (AstUtils.getContainerOfType(node, isMachine) !== elaborated.node)
    return `${label} is inherited from another machine.`;
  return null;
}

/** Why nothing can be said of a component, neither where it stands nor by an `override`; null: something can. */
function whyNotSayable(elaborated: ElaboratedMachine, component: Component, uri: string): string | null {
  const own = whyNotOwn(elaborated, component, uri);
  if (own === null) return null;
  const { node } = elaborated;
  if (AstUtils.getDocument(node).uri.toString() !== uri) return own;
  return bracesOf(node)?.close === undefined ? `The block of machine ${elaborated.machine.name} is not closed.` : null;
}

/** The overrides in a machine that are about one component only, in the order of the text. */
export function overridesOf(elaborated: ElaboratedMachine, id: number): readonly Override[] {
  return elaborated.node.members.filter((member): member is Override => {
    if (member.$type !== 'Override' || member.target?.range !== undefined) return false;
    const found = elaborated.names.lookup(member.target?.element?.$refText ?? '');
    return found.length === 1 && found[0]?.id === id && found[0].memory === false;
  });
}

/** The statement that makes a component. Throws a RangeError for a component of another machine. */
export function statementOf(elaborated: ElaboratedMachine, id: number): AstNode {
  const node = elaborated.nodes[id];
  if (node === undefined) throw new RangeError(`no component ${id}`);
  return node;
}

const fileOf = (uri: string): string => decodeURIComponent(uri.slice(uri.lastIndexOf('/') + 1));
