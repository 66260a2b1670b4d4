// TLP-hops per processor second of the packet engine, and of ns-3 3.37 on the same chains where g++ and libns3-dev are
// there.
//   node bench/packet.ts [--no-ns3] [--tlps N]
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { PacketEngine } from '../simulator/packet/engine.ts';
import { type ChainShape, chainBytesPerSecond, chainDelaySeconds, makeChains } from './packet-chains.ts';

const asked = process.argv.indexOf('--tlps');
const shape: ChainShape = {
  chains: 64,
  hops: 4,
  payloadBytes: 256,
  tlps: asked < 0 ? 20_000 : Number(process.argv[asked + 1]),
};
const tlpHops = shape.chains * shape.hops * shape.tlps;
const rounds = Array.from({ length: 6 }, () => once());
const [first = 0, ...later] = rounds;
const median = [...later].sort((a, b) => a - b)[later.length >> 1] ?? first;
const other = process.argv.includes('--no-ns3') ? null : ns3();
console.log(
  `TLP-hops per processor second: ${shape.chains} chains of ${shape.hops} links (Gen5 x16, a switch's latency`,
);
console.log(
  `between them), ${shape.tlps} posted writes of ${shape.payloadBytes} B on each; credits, Acks and updates on.\n`,
);
console.log('| first run | median of 5 | ns-3 3.37 | ratio |');
console.log('|--:|--:|--:|--:|');
const cells = [
  show(first),
  show(median),
  other === null ? '' : show(other),
  other === null ? '' : (median / other).toFixed(1),
];
console.log(`| ${cells.join(' | ')} |`);

/** TLP-hops per processor second. */
function once(): number {
  const engine = new PacketEngine(makeChains(shape));
  const before = process.cpuUsage();
  for (let chain = 0; chain < shape.chains; chain++) engine.start(chain, chain * 37);
  while (engine.run(1e9) !== -2);
  const { user, system } = process.cpuUsage(before);
  const sent = engine.sent.reduce((sum, count) => sum + count, 0);
  if (sent !== tlpHops) throw new Error(`${sent} TLP-hops instead of ${tlpHops}`);
  return tlpHops / ((user + system) / 1e6);
}

/** The same chains of point-to-point links in ns-3; null where it cannot be built here. */
function ns3(): number | null {
  const folder = mkdtempSync(resolve(tmpdir(), 'packet-'));
  try {
    const program = resolve(folder, 'packet-ns3');
    const source = resolve(import.meta.dirname, 'packet-ns3.cpp');
    const libraries = ['core', 'network', 'point-to-point'].map((name) => `-lns3-${name}`);
    execFileSync('g++', ['-O2', '-std=c++17', '-o', program, source, ...libraries], { stdio: 'pipe' });
    const { chains, hops, payloadBytes, tlps } = shape;
    const input = [chains, hops, payloadBytes, tlps, chainBytesPerSecond, chainDelaySeconds].map(String);
    const runs = [1, 2, 3].map(() => Number(execFileSync(program, input, { encoding: 'utf8' })));
    return runs.sort((a, b) => a - b)[1] ?? null;
  } catch (error) {
    console.log('ns-3 is not compared: it needs g++ and libns3-dev.\n');
    if (process.argv.includes('--verbose')) console.log(error);
    return null;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function show(perSecond: number): string {
  return `${(perSecond / 1e6).toFixed(2)} M`;
}
