import type { AstNode, LangiumDocument } from 'langium';
import { componentAt, type Machine } from '../../../model/machine.ts';
import { formatBytes, formatRate, formatSeconds } from '../../../model/quantity.ts';
import type { EndpointRef, Transfer } from '../../../model/work.ts';
import { docCommentOf } from '../../docs/markdown.ts';
import { forecastOf } from '../../forecast.ts';
import { recordSummary } from '../../runs/summary.ts';
import { type WorkEntry, workEntries } from '../../runs/work-items.ts';
import type { HoverServices } from './provider.ts';

/** A transfer or a scenario: what it does, which way it takes and why, what it should reach, what it last did. */
export function workMarkdown(node: AstNode, document: LangiumDocument, services: HoverServices): string | undefined {
  const elaboration = services.elaborations.get(document);
  const entry = workEntries(elaboration).find((each) => each.node === node);
  const { machine, transfers } = entry === undefined ? inScenario(node, services, document) : partsOf(entry);
  if (machine === undefined || transfers.length === 0) return undefined;
  const pieces = [docCommentOf(document, node.$cstNode?.offset ?? 0)];
  if (node.$type === 'Scenario') pieces.push(scenarioPiece(entry, machine));
  else {
    for (const transfer of transfers.slice(0, 4)) pieces.push(transferPiece(machine, transfer, services));
    if (transfers.length > 4) pieces.push(`… and ${transfers.length - 4} more.`);
  }
  const last = entry === undefined ? null : services.lastRun(document.uri.toString(), entry.name);
  if (last !== null) pieces.push(`Last run${last.stale ? ', of another text' : ''}: ${recordSummary(last)}`);
  return pieces.filter((piece) => piece !== '').join('\n\n');
}

interface Parts {
  readonly machine: Machine | undefined;
  readonly transfers: readonly Transfer[];
}

const partsOf = (entry: WorkEntry): Parts => ({
  machine: entry.machine.machine,
  transfers: [...entry.work.transfers, ...entry.work.scenarios.flatMap((scenario) => scenario.transfers)],
});

/** A transfer inside a scenario is known by the place that it comes from. */
function inScenario(node: AstNode, services: HoverServices, document: LangiumDocument): Parts {
  const { machines } = services.elaborations.get(document);
  const offset = node.$cstNode?.offset;
  for (const { machine, work } of machines) {
    const transfers = work.scenarios
      .flatMap((scenario) => scenario.transfers)
      .filter((transfer) => transfer.origin.offset === offset);
    if (transfers.length > 0) return { machine, transfers };
  }
  return { machine: undefined, transfers: [] };
}

function scenarioPiece(entry: WorkEntry | undefined, machine: Machine): string {
  const [scenario] = entry?.work.scenarios ?? [];
  if (scenario === undefined) return '';
  const lines = scenario.transfers.map(
    (transfer) =>
      `- at ${formatSeconds(transfer.startSeconds)}: ${formatBytes(transfer.bytes)} from ${endName(machine, transfer.from)} to ${endName(machine, transfer.to)}`,
  );
  for (const process of scenario.processes)
    lines.push(`- process \`${process.name}\` on \`${componentAt(machine, process.device).name}\``);
  for (const activity of scenario.activities) lines.push(`- ${activity.kind} \`${activity.name}\``);
  return [`**${scenario.name}** · scenario on \`${machine.name}\``, lines.slice(0, 12).join('\n')].join('\n\n');
}

export function endName(machine: Machine, end: EndpointRef): string {
  const name = componentAt(machine, end.component).name;
  return `\`${end.memory ? `${name}.memory` : name}\``;
}

function transferPiece(machine: Machine, transfer: Transfer, services: HoverServices): string {
  const head = `**${transfer.name}** · ${formatBytes(transfer.bytes)} from ${endName(machine, transfer.from)} to ${endName(machine, transfer.to)}`;
  const forecast = forecastOf(machine, transfer, services.settings().simulation.tax);
  const { path } = forecast;
  const [, second] = path.limits;
  const then = second === undefined ? '' : `, then by \`${second.name}\` at ${formatRate(second.bytesPerSecond)}`;
  const limit = path.bottleneck === '' ? '' : `, limited by \`${path.bottleneck}\`${then}`;
  const figures = [
    `Route **${path.route}** (${path.class}, ${path.mapping}): **${formatRate(forecast.bytesPerSecond)}** expected, ${formatSeconds(forecast.seconds)} in all${limit}.`,
    `Latency ${formatSeconds(path.latencySeconds)}; ${formatRate(path.bytesPerSecond)} in the long run.`,
  ].join(' ');
  const rows = path.hops.map(
    (hop) =>
      `| \`${hop.name}\` | ${hop.kind} | ${hop.bytesPerSecond === null ? '' : formatRate(hop.bytesPerSecond)} | ${hop.seconds === 0 ? '' : formatSeconds(hop.seconds)} |`,
  );
  const hops = rows.length === 0 ? '' : ['| on the way | | alone | adds |', '|---|---|---:|---:|', ...rows].join('\n');
  const shares = path.latency.filter(({ seconds }) => seconds > 0);
  const latency = [
    '| latency | | adds |',
    '|---|---|---:|',
    ...shares.map(({ name, what, seconds }) => `| \`${name}\` | ${what} | ${formatSeconds(seconds)} |`),
  ].join('\n');
  const reasons = path.reasons
    .map((reason) => `- ${reason.at === null ? '' : `\`${reason.at}\`: `}${reason.message}`)
    .join('\n');
  return [
    head,
    path.route === 'none' ? 'No way leads from one to the other.' : figures,
    reasons,
    hops,
    shares.length === 0 ? '' : latency,
  ]
    .filter((piece) => piece !== '')
    .join('\n\n');
}
