import { AstUtils } from 'langium';
import { CompletionItemKind } from 'vscode-languageserver';
import { type Component, type ComponentKind, isEndpoint } from '../../model/machine.ts';
import { partMarkdown } from '../docs/markdown.ts';
import { kindOfPart } from '../docs/part-kind.ts';
import type { CompletionRequest, Proposal } from './request.ts';

/** Components by the shortest name that means them; after a dot, what stands in the component before it. */
export function componentProposals(
  request: CompletionRequest,
  wanted: (component: Component) => boolean,
  memory: boolean,
): Proposal[] {
  const machine = request.machine;
  if (machine === undefined) return [];
  const dot = request.partial.lastIndexOf('.');
  if (dot >= 0) return memberProposals(request, request.partial.slice(0, dot), memory);
  const proposals: Proposal[] = [];
  for (const component of machine.machine.components) {
    const describe = () => [component.kind, component.parts[0]].filter((word) => word !== undefined).join(' ');
    if (wanted(component)) {
      const label = machine.names.shortest(component.id);
      proposals.push({
        label,
        kind: CompletionItemKind.Variable,
        detail: `${describe()} · ${component.name}`,
        rank: 10,
      });
    }
    if (memory && component.kind === 'socket') {
      const label = `${machine.names.shortest(component.id)}.memory`;
      proposals.push({ label, kind: CompletionItemKind.Variable, detail: 'memory of the socket', rank: 11 });
    }
  }
  return proposals;
}

function memberProposals(request: CompletionRequest, before: string, memory: boolean): Proposal[] {
  const machine = request.machine;
  const [found] = machine?.names.lookup(before) ?? [];
  const parent = found === undefined || found.memory ? undefined : machine?.machine.components[found.id];
  if (machine === undefined || parent === undefined) return [];
  const proposals: Proposal[] = parent.children.flatMap((id) => {
    const child = machine.machine.components[id];
    if (child === undefined) return [];
    const detail = [child.kind, child.parts[0]].filter((word) => word !== undefined).join(' ');
    return [{ label: child.label, kind: CompletionItemKind.Variable, detail, rank: 10 }];
  });
  if (memory && parent.kind === 'socket') {
    proposals.push({ label: 'memory', kind: CompletionItemKind.Variable, detail: 'memory of the socket', rank: 11 });
  }
  return proposals;
}

export const anyComponent = (): boolean => true;
export const isDevice = (component: Component): boolean => isEndpoint(component);
export const ofKind =
  (...kinds: readonly ComponentKind[]) =>
  (component: Component): boolean =>
    kinds.includes(component.kind);

/** Parts of some kinds, the nearest declarations first. `before`: text that goes in front of the name. */
export function partProposals(request: CompletionRequest, kinds: readonly string[], before = ''): Proposal[] {
  const proposals: Proposal[] = [];
  for (const [name, part] of request.environment.parts.ofKinds(kinds)) {
    const kind = kindOfPart(part, request.environment);
    if (kind === undefined || !kinds.includes(kind)) continue;
    const own = AstUtils.getDocument(part) === request.document;
    proposals.push({
      label: before + name,
      kind: CompletionItemKind.Class,
      detail: `part ${kind}${own ? '' : ' · imported'}`,
      documentation: partMarkdown(part),
      rank: own ? 20 : 21,
    });
  }
  return proposals;
}

export function machineProposals(request: CompletionRequest): Proposal[] {
  return [...request.environment.machines.keys()].map((label) => ({
    label,
    kind: CompletionItemKind.Module,
    detail: 'machine',
    rank: 10,
  }));
}

/** Templates, with their parameters as holes. */
export function templateProposals(request: CompletionRequest): Proposal[] {
  return [...request.environment.templates].map(([label, template]) => {
    const parameters = template.parameters.map((parameter) => parameter.name);
    const holes = parameters.map((name, index) => `\${${index + 1}:${name.replace('$', '\\$')}}`).join(', ');
    return {
      label,
      kind: CompletionItemKind.Function,
      detail: `template(${parameters.join(', ')})`,
      insert: `${label}(${holes})`,
      snippet: true,
      rank: 10,
    };
  });
}

/** Parameters of the template around the cursor. */
export function parameterProposals(request: CompletionRequest): Proposal[] {
  if (!request.inTemplate) return [];
  const [header] = request.headers;
  return (header ?? [])
    .filter((token) => token.tokenType.name === 'PARAM')
    .map((token) => ({ label: token.image, kind: CompletionItemKind.TypeParameter, detail: 'parameter', rank: 5 }));
}

/** A name for a new component of a kind: its usual word with the next free number. */
export function freshName(request: CompletionRequest, kind: ComponentKind): string {
  const [, stem = kind, digits = '0'] = /^(.*?)(\d*)$/.exec(usualNames[kind]) ?? [];
  const taken = new Set<string>();
  for (const component of request.machine?.machine.components ?? []) taken.add(component.label);
  for (const line of request.place.siblings) {
    const name = /^[\w-]+\s+([\w-]+)/.exec(line)?.[1];
    if (name !== undefined) taken.add(name);
  }
  for (let number = Number(digits); number < 10_000; number++)
    if (!taken.has(`${stem}${number}`)) return `${stem}${number}`;
  return stem;
}

const usualNames: Readonly<Record<ComponentKind, string>> = {
  socket: 'cpu0',
  chipset: 'pch0',
  'root-port': 'rp0',
  switch: 'sw0',
  port: 'p0',
  bridge: 'bridge0',
  gpu: 'gpu0',
  nvme: 'ssd0',
  nic: 'nic0',
  fpga: 'fpga0',
  sata: 'sata0',
  nvswitch: 'nvs0',
  device: 'dev0',
};
