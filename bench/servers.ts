/** A server with so many GPUs, four below a switch, two sockets; four drives and an adapter. */
export function serverOf(gpus: number): string {
  const lines = ['machine bench {', 'linux { iommu passthrough }'];
  for (let socket = 0; socket < 2; socket++) {
    lines.push(`socket cpu${socket} : epyc-9554 {`, 'memory 384 GiB at 400 GB/s');
    for (let at = socket; at < gpus / 4; at += 2) {
      lines.push(`root-port rp${at} gen5 x16 {`, `switch sw${at} : pex89104 {`, 'acs off');
      lines.push(`port p[0..3] gen5 x16 { gpu gpu[${4 * at}..${4 * at + 3}] : h100-pcie }`, '}', '}');
    }
    if (socket === 0) {
      for (let drive = 0; drive < 4; drive++) lines.push(`root-port d${drive} gen4 x4 { nvme ssd${drive} : pm9a3 }`);
      lines.push('root-port n gen4 x16 { nic nic0 : connectx-6 }');
    }
    lines.push('}');
  }
  lines.push('connect cpu0 to cpu1 : xgmi', '}', '');
  return lines.join('\n');
}

/** Numbers that are the same every time, 0 to 1. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** A scenario `load` of so many transfers between GPUs, with sizes and starts that are the same every time. */
export function loadOf(
  count: number,
  gpus: number,
  bytes: (next: number) => number,
  spreadMicroseconds: number,
): string {
  const next = random(7);
  const lines = ['scenario load {'];
  for (let index = 0; index < count; index++) {
    const from = Math.floor(next() * gpus);
    const to = (from + 1 + Math.floor(next() * (gpus - 1))) % gpus;
    lines.push(`transfer t${index} from gpu${from} to gpu${to} {`, `size ${bytes(next())} B`);
    lines.push(`start ${Math.round(next() * spreadMicroseconds)} us`, '}');
  }
  lines.push('}');
  return lines.join('\n');
}

/** A server with so many drives, each below a root port of its own. */
export function drivesOf(drives: number): string {
  const ports = Array.from({ length: drives }, (_, at) => `root-port d${at} gen4 x4 { nvme ssd${at} : pm9a3 }`);
  const socket = ['socket cpu0 : epyc-9554 {', 'memory 384 GiB at 400 GB/s', ...ports, '}'];
  return `${['machine bench {', 'linux { iommu passthrough }', ...socket, '}'].join('\n')}\n`;
}
