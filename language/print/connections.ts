import type { Connection, Machine } from '../../model/machine.ts';
import { NameIndex } from '../elaborate/names.ts';
import { propertyIn } from '../schema/schema.ts';
import { bandwidthLine } from './component.ts';
import { writeSeconds } from './quantities.ts';

const technologies: ReadonlySet<string> = new Set(['upi', 'qpi', 'xgmi', 'nvlink', 'c2c', 'infinity-fabric']);

/**
 * The `connect` statements of a machine: pairs that are alike together, numbers that run on as ranges.
 *
 * @param parts the parts that may be named
 */
export function connectionStatements(machine: Machine, parts: ReadonlySet<string>): string[] {
  const names = namesOf(machine);
  const groups = new Map<string, Connection[]>();
  for (const connection of machine.connections) {
    if (isAssumed(machine, connection)) continue;
    const key = [
      connection.technology,
      connection.part,
      connection.links,
      connection.bytesPerSecond,
      connection.latencySeconds,
    ].join(' ');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [connection]);
    else group.push(connection);
  }
  return [...groups.values()].flatMap((group) => statementsOf(group, names, parts));
}

/** The shortest names of all components. */
export function namesOf(machine: Machine): NameIndex {
  return new NameIndex(
    machine.name,
    machine.components.map((component) => component.name),
    machine.components.filter((component) => component.kind === 'socket').map((component) => component.id),
  );
}

/** Joins of sockets that the text did not say: training adds them, and adds them again when the text is read. */
function isAssumed(machine: Machine, connection: Connection): boolean {
  const isSocket = (id: number) => machine.components[id]?.kind === 'socket';
  return (
    machine.assumptions.some((assumption) => assumption.field === 'connections') &&
    isSocket(connection.from) &&
    isSocket(connection.to)
  );
}

function statementsOf(group: readonly Connection[], names: NameIndex, parts: ReadonlySet<string>): string[] {
  const [first] = group;
  if (first === undefined) return [];
  const body = bodyOf(first, parts);
  const clique = cliqueOf(group, names);
  if (clique !== null) return [`connect ${clique} to ${clique}${body}`];
  // By where they start: those that lead to the same places start together.
  const targets = new Map<number, number[]>();
  for (const { from, to } of group)
    targets.set(
      from,
      [...(targets.get(from) ?? []), to].sort((a, b) => a - b),
    );
  const starts = new Map<string, number[]>();
  for (const [from, to] of targets) {
    const key = to.join(' ');
    starts.set(key, [...(starts.get(key) ?? []), from]);
  }
  return [...starts].flatMap(([key, froms]) => {
    const tos = runs(key.split(' ').map(Number), names);
    return runs(froms, names).flatMap((from) => tos.map((to) => `connect ${from} to ${to}${body}`));
  });
}

/** A range whose elements are all joined with each other, and with nobody else in the group. */
function cliqueOf(group: readonly Connection[], names: NameIndex): string | null {
  const members = [...new Set(group.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b);
  if (members.length < 3 || group.length !== (members.length * (members.length - 1)) / 2) return null;
  const pairs = new Set(group.map(({ from, to }) => (from < to ? `${from} ${to}` : `${to} ${from}`)));
  if (pairs.size !== group.length) return null;
  const [run, ...others] = runs(members, names);
  return run === undefined || others.length > 0 ? null : run;
}

/** Names of components, numbers that run on folded: `gpu[0..7]`. */
function runs(ids: readonly number[], names: NameIndex): string[] {
  const made: { base: string; low: number | null; high: number }[] = [];
  const sorted = [...ids].sort((a, b) => compare(names.shortest(a), names.shortest(b)));
  for (const id of sorted) {
    const name = names.shortest(id);
    const found = /^(.*?[A-Za-z_-])(0|[1-9]\d{0,8})$/.exec(name);
    const number = Number(found?.[2]);
    const last = made.at(-1);
    if (
      found?.[1] !== undefined &&
      last !== undefined &&
      last.low !== null &&
      last.base === found[1] &&
      last.high === number - 1
    ) {
      last.high = number;
    } else if (found?.[1] !== undefined) made.push({ base: found[1], low: number, high: number });
    else made.push({ base: name, low: null, high: 0 });
  }
  return made.map(({ base, low, high }) =>
    low === null ? base : low === high ? `${base}${low}` : `${base}[${low}..${high}]`,
  );
}

/** By base, then by number. */
function compare(a: string, b: string): number {
  const [, baseA = a, numberA = '0'] = /^(.*?)(\d*)$/.exec(a) ?? [];
  const [, baseB = b, numberB = '0'] = /^(.*?)(\d*)$/.exec(b) ?? [];
  return baseA < baseB ? -1 : baseA > baseB ? 1 : Number(numberA) - Number(numberB);
}

function bodyOf(connection: Connection, parts: ReadonlySet<string>): string {
  const isNamed = connection.part !== null && parts.has(connection.part);
  const part = isNamed ? ` : ${connection.part}` : '';
  const lines = [
    ...(!isNamed && technologies.has(connection.technology) ? [`technology ${connection.technology}`] : []),
    ...(connection.links === 1 ? [] : [`links ${connection.links}`]),
    ...(connection.bytesPerSecond === null ? [] : [bandwidthLine(connection.bytesPerSecond)]),
    ...(connection.latencySeconds === null || propertyIn('interconnect', 'latency') === undefined
      ? []
      : [`latency ${writeSeconds(connection.latencySeconds)}`]),
  ];
  return lines.length === 0 ? part : `${part} {\n${lines.join('\n')}\n}`;
}
