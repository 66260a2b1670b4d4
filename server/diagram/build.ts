import type { LangiumDocument } from 'langium';
import type { ElaboratedMachine } from '../../language/elaborate/elaborated.ts';
import { effectiveAcs, redirectBits } from '../../model/isolation/acs.ts';
import { rawBytesPerSecond } from '../../model/link/generation.ts';
import { type Component, componentAt, type Link, type Machine } from '../../model/machine.ts';
import { numaNode } from '../../model/peer/distance-class.ts';
import { groupOf, groupsOf, limitWords, linkBandwidthOf } from '../facts.ts';
import type { RunOptions, RunRecord } from '../protocol.ts';
import { actionsOf } from './actions.ts';
import type { Diagram, DiagramAcs, DiagramGroup, DiagramLink, DiagramNode } from './diagram.types.ts';
import { factsOf } from './facts.ts';
import { findingsOf } from './findings.ts';
import { loadOf } from './load.ts';
import { diagramNames } from './names.ts';
import { ShortNames } from './short-names.ts';

/** What a diagram is made from, beside the machine itself. */
export interface DiagramSource {
  readonly document: LangiumDocument;
  readonly machines: readonly ElaboratedMachine[];
  readonly tax: Required<RunOptions>['tax'];
  /** Runs of the document, newest first. */
  readonly runs: readonly RunRecord[];
}

/** What of a picture comes from the machine alone. */
type MachinePart = Pick<Diagram, 'machine' | 'nodes' | 'links' | 'connections' | 'groups'>;

/** Makes pictures of one document, one after the other as its text is typed. */
export class DiagramMaker {
  readonly #shortNames = new ShortNames();
  #made: { readonly of: ElaboratedMachine; readonly tax: DiagramSource['tax']; readonly part: MachinePart } | null =
    null;
  #checked: Pick<Diagram, 'machine' | 'findings' | 'errors'> | null = null;

  /** The machine as data to draw. Never throws for a machine that has errors: what is sound of it is drawn. */
  make(elaborated: ElaboratedMachine, source: DiagramSource): Diagram {
    const { document } = source;
    return {
      uri: document.uri.toString(),
      version: document.textDocument.version,
      ...this.#machine(elaborated, source),
      machines: source.machines.map((each) => each.machine.name),
      load: loadOf(elaborated.machine, diagramNames(elaborated.machine), source.runs),
      ...this.#check(elaborated, source),
    };
  }

  #machine(elaborated: ElaboratedMachine, { document, tax }: DiagramSource): MachinePart {
    if (this.#made?.of === elaborated && this.#made.tax === tax) return this.#made.part;
    const { machine } = elaborated;
    const shortNames = this.#shortNames.of(elaborated);
    const uri = document.uri.toString();
    const part = {
      machine: machine.name,
      nodes: machine.components.map((component) => nodeOf(elaborated, component, shortNames, uri)),
      links: machine.links.map((link) => diagramLink(machine, link, tax)),
      connections: machine.connections.map((connection) => ({
        name: connection.name,
        from: nameOf(machine, connection.from),
        to: nameOf(machine, connection.to),
        technology: connection.technology,
        links: connection.links,
        bytesPerSecond: connection.bytesPerSecond,
      })),
      groups: groups(machine),
    };
    this.#made = { of: elaborated, tax, part };
    return part;
  }

  /** A text that the rules have not looked at yet keeps what they said of it before. */
  #check(elaborated: ElaboratedMachine, { document, machines }: DiagramSource): Pick<Diagram, 'findings' | 'errors'> {
    const machine = elaborated.machine.name;
    const findings = findingsOf(document, elaborated, machines);
    if (findings !== null) this.#checked = { machine, findings, errors: textErrors(document) };
    const known = this.#checked?.machine === machine ? this.#checked : null;
    return { findings: known?.findings ?? null, errors: known?.errors ?? 0 };
  }
}

/** Areas of rules that say that something is not in the machine as it was meant to be. */
const textAreas = new Set(['language', 'structure', 'part', 'template', 'names', 'machine', 'import']);

/** Errors of the text itself; that a machine works badly is no reason to distrust its picture. */
function textErrors(document: LangiumDocument): number {
  return (document.diagnostics ?? []).filter(({ severity, code }) => {
    const area = typeof code === 'string' && code.includes('/') ? code.slice(0, code.indexOf('/')) : 'language';
    return severity === 1 && textAreas.has(area);
  }).length;
}

const nameOf = (machine: Machine, id: number): string => diagramNames(machine)[id] ?? '';

function nodeOf(
  elaborated: ElaboratedMachine,
  component: Component,
  shortNames: readonly string[],
  uri: string,
): DiagramNode {
  const { machine } = elaborated;
  const group = groupOf(machine, component.id);
  return {
    name: nameOf(machine, component.id),
    shortName: shortNames[component.id] ?? '',
    label: component.label,
    kind: component.kind,
    part: component.parts[0] ?? null,
    parent: component.parent === null ? null : nameOf(machine, component.parent),
    group,
    numaNode: numaNode(machine, component.id),
    acs: acsOf(machine, component),
    facts: factsOf(machine, component),
    actions: actionsOf(elaborated, component, uri),
  };
}

function acsOf(machine: Machine, component: Component): DiagramAcs | null {
  if (component.kind !== 'root-port' && component.kind !== 'port') return null;
  const { control, capability, setBy } = effectiveAcs(machine, component.id);
  return { control, capability, redirects: control.some((bit) => redirectBits.includes(bit)), setBy };
}

function diagramLink(machine: Machine, link: Link, tax: DiagramSource['tax']): DiagramLink {
  const bandwidth = linkBandwidthOf(machine, link, tax);
  const { trained, capable } = link;
  return {
    name: nameOf(machine, link.port),
    kind: link.kind,
    port: nameOf(machine, link.port),
    device: link.device === null ? null : nameOf(machine, link.device),
    trained: { generation: trained.generation, lanes: trained.lanes },
    capable: { generation: capable.generation, lanes: capable.lanes },
    trainedLower: link.device !== null && (trained.generation < capable.generation || trained.lanes < capable.lanes),
    limit: limitWords(link),
    writeBytesPerSecond: bandwidth?.writeBytesPerSecond ?? null,
    readBytesPerSecond: bandwidth?.readBytesPerSecond ?? null,
    rawBytesPerSecond: rawBytesPerSecond(trained.generation, trained.lanes),
    maxPayloadBytes: link.maxPayloadBytes,
  };
}

function groups(machine: Machine): DiagramGroup[] {
  return groupsOf(machine).map((members, id) => ({
    id,
    members: members.map((member) => {
      const { functions } = componentAt(machine, member.component);
      const name = nameOf(machine, member.component);
      if (member.function === 0) return name;
      return `${name}.${functions.find((each) => each.number === member.function)?.label ?? member.function}`;
    }),
  }));
}
