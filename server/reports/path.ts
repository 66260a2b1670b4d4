import { formatRate, formatSeconds } from '../../model/quantity.ts';
import type { PathReport, PeerMatrix } from '../../simulator/path.ts';
import { table } from './table.ts';

/** A route as text: what it is, what limits it, why, and every hop. */
export function pathText(path: PathReport): string {
  const head = [
    `${path.from} -> ${path.to}`,
    `route ${path.route}, class ${path.class}, mapping ${path.mapping}${path.distance === null ? '' : `, distance ${path.distance}`}`,
  ];
  if (path.route !== 'none') {
    const [, second] = path.limits;
    const then = second === undefined ? '' : `, then by ${second.name} at ${formatRate(second.bytesPerSecond)}`;
    const limit = path.bottleneck === '' ? '' : `, limited by ${path.bottleneck}${then}`;
    const rate = path.limits.length === 0 ? 'a rate that nothing on the way tells' : formatRate(path.bytesPerSecond);
    head.push(`${rate}${limit}; latency ${formatSeconds(path.latencySeconds)}`);
  }
  const sections = [head.join('\n')];
  if (path.reasons.length > 0) {
    sections.push(
      path.reasons
        .map((reason) => `- ${reason.at === null ? '' : `${reason.at}: `}${reason.message} (${reason.code})`)
        .join('\n'),
    );
  }
  if (path.hops.length > 0) {
    const rows = path.hops.map((hop) => [
      hop.name,
      hop.kind,
      hop.bytesPerSecond === null ? '' : formatRate(hop.bytesPerSecond),
      formatSeconds(hop.seconds),
    ]);
    sections.push(table(['hop', 'kind', 'alone', 'adds'], rows));
  }
  const shares = path.latency.filter(({ seconds }) => seconds > 0);
  if (shares.length > 0) {
    const rows = shares.map(({ name, what, seconds, source }) => [name, what, formatSeconds(seconds), source]);
    sections.push(table(['latency of', 'for', 'adds', 'source'], rows));
  }
  return `${sections.join('\n\n')}\n`;
}

/** The classes of all pairs, in the form of `nvidia-smi topo -m`. */
export function matrixText(matrix: PeerMatrix): string {
  const labels = matrix.devices.map((name) => name.slice(name.lastIndexOf('.') + 1));
  const unique = new Set(labels).size === labels.length ? labels : matrix.devices;
  return `${table(
    ['', ...unique],
    unique.map((name, row) => [name, ...(matrix.class[row] ?? [])]),
  )}\n`;
}
