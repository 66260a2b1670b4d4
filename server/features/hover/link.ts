import { linkBandwidth } from '../../../model/link/efficiency.ts';
import { linkLabel } from '../../../model/link/generation.ts';
import { bandwidthTable } from '../../../model/link/table.ts';
import { type Component, componentAt, isEndpoint, type Link, type Machine, socketOf } from '../../../model/machine.ts';
import { formatBytes, formatFraction, formatRate, formatSeconds } from '../../../model/quantity.ts';
import { describePath } from '../../../simulator/path.ts';
import { linkBandwidthOf, linkSettings } from '../../facts.ts';
import type { RunOptions } from '../../protocol.ts';

type Tax = Required<RunOptions>['tax'];

/** Sizes of a transfer in the small table, in bytes. */
const transferSizes: readonly number[] = [8, 64, 256, 1024, 4096, 65_536];
/** Payload sizes of the other one; PCIe Base 5.0, section 7.5.3.3 allows 128 to 4096. */
const payloadSizes: readonly number[] = [128, 256, 512, 1024, 4096];

/** A link: what it runs at against what each end could do, what it carries, what limits it. */
export function linkMarkdown(machine: Machine, link: Link, tax: Tax): string {
  const port = componentAt(machine, link.port);
  const device = link.device === null ? null : componentAt(machine, link.device);
  const title = device === null ? `${port.name}, nothing plugged in` : `${port.label} ↔ ${device.label}`;
  const lines = [
    `**${title}** · ${linkLabel(link.trained)}${link.kind === 'dmi' ? ' (DMI)' : ''}`,
    ends(port, device, link),
  ];
  const bandwidth = linkBandwidthOf(machine, link, tax);
  if (bandwidth !== null) {
    lines.push(
      `Each way: **${formatRate(bandwidth.writeBytesPerSecond)}** of payload in writes, ${formatRate(bandwidth.readBytesPerSecond)} in reads, of ${formatRate(bandwidth.rawBytesPerSecond)} on the wire.`,
      `Wire efficiency ${formatFraction(bandwidth.writeEfficiency)} at a payload of ${formatBytes(link.maxPayloadBytes)} (${tax === 'measured' ? 'measured' : 'worst-case'} flow-control and SKP share).`,
    );
  }
  lines.push(limitOf(link));
  if (bandwidth !== null) lines.push(transferTable(machine, link, tax), payloadTable(machine, link, tax));
  return lines.filter((line) => line !== '').join('\n\n');
}

/** What each end, the slot and the channel say, and what came of it. */
function ends(port: Component, device: Component | null, link: Link): string {
  const rows: [string, string, string][] = [];
  const row = (name: string, generation: number | undefined, lanes: number | undefined) => {
    if (generation === undefined && lanes === undefined) return;
    rows.push([
      name,
      generation === undefined ? 'unknown' : `Gen${generation}`,
      lanes === undefined ? 'unknown' : `x${lanes}`,
    ]);
  };
  row(`\`${port.label}\` can`, port.settings.generation, port.settings.lanes);
  if (device !== null) row(`\`${device.label}\` can`, device.settings.generation, device.settings.lanes);
  const bare = (name: string, generation: number | undefined, lanes: number | undefined) => {
    if (generation === undefined && lanes === undefined) return;
    rows.push([name, generation === undefined ? '' : `Gen${generation}`, lanes === undefined ? '' : `x${lanes}`]);
  };
  for (const end of device === null ? [port] : [port, device]) {
    bare('slot', undefined, end.settings.slotLanes);
    bare('wired', undefined, end.settings.wiredLanes);
    bare('channel', end.settings.channelGeneration, undefined);
    bare('forced', end.settings.forcedGeneration, end.settings.forcedLanes);
  }
  rows.push(['**runs at**', `**Gen${link.trained.generation}**`, `**x${link.trained.lanes}**`]);
  return ['| | speed | width |', '|---|---|---|', ...rows.map((cells) => `| ${cells.join(' | ')} |`)].join('\n');
}

const limitWords: Readonly<Record<NonNullable<Link['limitedBy']>, string>> = {
  upstream: 'the port',
  downstream: 'what is plugged in',
  slot: 'the slot',
  channel: 'the channel',
  forced: 'a speed or width set by hand',
  stated: 'the state that the text gives',
};

function limitOf(link: Link): string {
  if (link.limitedBy === null) return link.device === null ? '' : 'Both ends run at what they can.';
  const at = link.limitedAt === null ? '' : ` (\`${link.limitedAt}\`)`;
  const reasons = link.reasons.map((reason) => `- ${reason.message}`).join('\n');
  return `Limited by ${limitWords[link.limitedBy]}${at}.${reasons === '' ? '' : `\n\n${reasons}`}`;
}

/** What the link carries of transfers by their size, and below which size latency decides and not the link. */
function transferTable(machine: Machine, link: Link, tax: Tax): string {
  const latency = latencyOf(machine, link, tax);
  const { rows, latencyBoundBelowBytes } = bandwidthTable(
    linkSettings(machine, link, tax),
    latency ?? {},
    transferSizes,
  );
  const cells = rows.map(
    ({ transferBytes, writeBytesPerSecond, readBytesPerSecond, readWriteBytesPerSecond }) =>
      `| ${formatBytes(transferBytes)} | ${formatRate(writeBytesPerSecond)} | ${formatRate(readBytesPerSecond)} | ${formatRate(readWriteBytesPerSecond)} |`,
  );
  const table = ['| each transfer | writes | reads | both, each way |', '|---:|---:|---:|---:|', ...cells].join('\n');
  const { write, read } = latencyBoundBelowBytes;
  if (latency === null || write === null || read === null) return table;
  const below = `Latency dominates one write below **${formatBytes(Math.ceil(write))}** (${formatSeconds(latency.writeSeconds)} from \`${latency.name}\` to memory) and one read below **${formatBytes(Math.ceil(read))}** (${formatSeconds(latency.readRoundTripSeconds)} there and back).`;
  return `${table}\n\n${below}`;
}

/** Latency between the first device below a link and the memory of its socket; null where there is no such device. */
function latencyOf(machine: Machine, link: Link, tax: Tax) {
  const device = link.device === null ? null : endpointAt(machine, link.device);
  const socket = device === null ? null : socketOf(machine, device.id);
  if (device === null || socket === null) return null;
  const [end, memory] = [
    { component: device.id, memory: false },
    { component: socket.id, memory: true },
  ];
  const initiator = device.id;
  const write = describePath(machine, end, memory, { initiator, operation: 'write', tax });
  const read = describePath(machine, memory, end, { initiator, operation: 'read', tax });
  if (write.route === 'none' || read.route === 'none') return null;
  return { name: device.label, writeSeconds: write.latencySeconds, readRoundTripSeconds: read.latencySeconds };
}

function endpointAt(machine: Machine, id: number): Component | null {
  const component = componentAt(machine, id);
  if (isEndpoint(component)) return component;
  for (const child of component.children) {
    const found = endpointAt(machine, child);
    if (found !== null) return found;
  }
  return null;
}

/** What the link would carry at other payload sizes; its own in bold. */
function payloadTable(machine: Machine, link: Link, tax: Tax): string {
  const settings = linkSettings(machine, link, tax);
  const sizes = [...new Set([...payloadSizes, link.maxPayloadBytes])].sort((a, b) => a - b);
  const rows = sizes.map((mps) => {
    const at = linkBandwidth({ ...settings, mps, transferBytes: 2 ** 20 });
    const bold = mps === link.maxPayloadBytes ? '**' : '';
    return `| ${bold}${formatBytes(mps)}${bold} | ${formatRate(at.writeBytesPerSecond)} | ${formatRate(at.readBytesPerSecond)} | ${formatRate(at.readWriteBytesPerSecond)} | ${formatFraction(at.writeEfficiency)} |`;
  });
  return [
    '| payload of a TLP | writes | reads | both, each way | efficiency |',
    '|---:|---:|---:|---:|---:|',
    ...rows,
  ].join('\n');
}
