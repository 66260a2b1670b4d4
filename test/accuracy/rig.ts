import { gpuOf, type Host, machineText, partOf } from './machines.ts';
import type { Row } from './row.ts';

/** Through host memory where a row says that the peers do not reach each other. */
export const viaOf = (text: string) =>
  /P2P (off|disabled)|no P2P|without P2P|not supported|staged|P2P=?0|via host/i.test(text) ? 'host' : 'auto';

/** Between two switches or sockets; a switch above both of them is no crossing. */
export const crosses = (text: string) =>
  /cross|other socket|2 uplinks|\bSYS\b|\bNODE\b|\bPHB\b|remote/i.test(text) && !isNested(text);

export const isNested = (text: string) =>
  /\bPXB\b|cross.leaf/i.test(text) && !/\bNODE\b|\bSYS\b|cross.root/i.test(text);

/** Whether what crosses goes to another socket: where the rig has two, and nothing says that it stays within one. */
export function isOtherSocket(text: string, conditions: string): boolean {
  if (/\bNODE\b|\bPHB\b|same (NUMA|socket)|one socket|single.(socket|CPU)/i.test(text)) return false;
  if (/other socket|cross.(NUMA|socket)|\bSYS\b|remote|xGMI|\bUPI\b|\bQPI\b/i.test(text)) return true;
  return !/Threadripper|WRX|TRX|Ryzen|\bCore i\d/i.test(conditions);
}

/** A GPU whose driver lets peers in, where a row measured that it did. */
function peerGpu(text: string, direct: boolean): string {
  if (!direct) return text;
  return text.endsWith('}') ? `${text.slice(0, -1)}peer-to-peer on\n}` : `${text} {\npeer-to-peer on\n}`;
}

/** The switch that a row names, as the text writes it; nothing where the catalogue has no such series. */
function switchPart(text: string): string {
  const series = /PEX ?890/i.test(text) ? 'pex89000-series' : /PEX ?880/i.test(text) ? 'pex88000-series' : '';
  return partOf(series) === null ? '' : ` : ${series}`;
}

/** What a rig is asked to do: the GPUs that take part, and the lines of its scenario. */
export interface RigWork {
  readonly used: ReadonlySet<number>;
  readonly lines: readonly string[];
}

/** The machine of a row with several GPUs, by what the row and its rig say: gpu0 to gpu3 at cpu0, gpu4 to gpu7 beyond. */
export function rigText(row: Row, conditions: string, host: Host, { used, lines }: RigWork): string {
  const text = `${row.scenario}; ${row.metric}; ${row.conditions}`;
  const switched = /switch|PEX|chip|PLX|PIX\b|PXB\b|VS\b|uplink/i.test(`${text} ${conditions}`);
  const generation = row.gen === '' || /degraded|forced/i.test(text) ? 'gen5' : `gen${/\d/.exec(row.gen)?.[0] ?? 5}`;
  const lanes = /^\d+$/.exec(row.lanes)?.[0] ?? '16';
  const port = `${generation} x${lanes}`;
  const direct = viaOf(text) !== 'host';
  const gpu = (index: number) =>
    peerGpu(gpuOf({ ...row, gen: generation.slice(3), lanes }, `gpu${index}`, conditions), direct);
  const slow = /(?:degraded|forced|Gen)\D*Gen(\d)/i.exec(text)?.[1];
  const forced = slow === undefined ? [] : [`forced gen${slow}`];
  const acs = /(ReqRedir|ACS).*\bON\b/.test(text) && !/on or off/i.test(text) ? 'acs SV RR CR UF' : 'acs off';
  const part = switchPart(`${text} ${conditions}`);
  const below = (name: string, gpus: readonly number[]) => [
    `root-port ${name} ${port} {`,
    ...forced,
    `switch sw_${name}${part} {`,
    `link ${port}`,
    acs,
    ...(/collapse\b/i.test(text) && !/no collapse/i.test(text) ? ['posted-write-collapse on'] : []),
    ...gpus.flatMap((index) => [`port s${index} ${port} {`, gpu(index), '}']),
    '}',
    '}',
  ];
  const nested = [
    `root-port rp0 ${port} {`,
    `switch root${part} {`,
    `link ${port}`,
    acs,
    ...[
      [0, 1],
      [2, 3],
    ].flatMap(([one = 0, two = 0], leaf) => [
      `port l${leaf} ${port} {`,
      `switch leaf${leaf}${part} {`,
      `link ${port}`,
      acs,
      ...[one, two].flatMap((index) => [`port s${index} ${port} {`, gpu(index), '}']),
      '}',
      '}',
    ]),
    '}',
    '}',
  ];
  const alone = (index: number) => [`root-port rp${index} ${port} {`, 'acs off', gpu(index), '}'];
  // Virtual switches with an uplink each where a row is about uplinks; else one switch for a whole chip.
  const split = /uplink/i.test(text) && !/same.chip/i.test(text);
  const four = /4 GPUs? (each|per switch)/i.test(`${text} ${conditions}`);
  // Without a switch each GPU takes lanes of its socket: only those that the row is about.
  const lower = !switched
    ? [0, 1, 2, 3].filter((index) => used.has(index)).flatMap(alone)
    : isNested(text)
      ? nested
      : !four && (split || crosses(text))
        ? [...below('rp0', [0, 1]), ...below('rp1', [2, 3])]
        : below('rp0', [0, 1, 2, 3]);
  const upper = !switched
    ? [4, 5, 6, 7].filter((index) => used.has(index)).flatMap(alone)
    : four
      ? below('rp2', [4, 5, 6, 7])
      : [...below('rp2', [4, 5]), ...below('rp3', [6, 7])];
  const two = isOtherSocket(text, `${text} ${conditions}`);
  // What was measured from peer to peer got through, whatever is known of a host that is not named.
  const hostLines = direct && host.colon === '' ? ['peer-forwarding reads writes'] : [];
  const ports = two ? { sockets: 2 as const, otherPorts: upper, hostLines } : { sockets: 1 as const, hostLines };
  const work = ['scenario s {', ...lines, '}'];
  return machineText(host, two ? lower : [...lower, ...upper], { ...ports, work });
}
