import { componentAt } from '../model/machine.ts';
import type { EndpointRef, OtherActivity, Via } from '../model/work.ts';
import { channels, characterDeviceCall, engine } from './drivers/fpga/xdma.ts';
import { copyCall } from './drivers/gpu/costs.ts';
import { gpuDriverOf } from './drivers/gpu/drivers.ts';
import { copyEngine } from './drivers/gpu/engines.ts';
import { planVerb } from './drivers/nic/rdma.ts';
import type { Plan } from './plan.ts';

/** What a stage says of how it moves its data. */
export function waysOf(stage: OtherActivity) {
  const { via, operation, blockBytes, depth } = stage.settings;
  const way: Via = via === 'p2p' || via === 'host' ? via : 'auto';
  return {
    via: way,
    operation: operation === 'read' || operation === 'write' ? operation : null,
    blockBytes: typeof blockBytes === 'number' ? blockBytes : null,
    depth: typeof depth === 'number' ? depth : null,
  } as const;
}

/**
 * One item from one place to another. An FPGA writes to a peer by itself where a way leads there; else, and to host
 * memory, its driver is called, and a GPU fetches what lies in host memory by a copy of its own.
 */
export function planMove(
  plan: Plan,
  stage: OtherActivity,
  from: EndpointRef,
  to: EndpointRef,
  bytes: number,
  after: readonly number[],
  trace: { readonly track: string; readonly flow: string },
  tasks: number[],
): number {
  const { machine } = plan;
  const options = waysOf(stage);
  const planned = plan.way(from, to, options);
  const [source, target] = [from, to].map((end) => (end.memory ? null : componentAt(machine, end.component)));
  const nic = source?.kind === 'nic' ? source : target?.kind === 'nic' ? target : null;
  if (nic !== null && !(source?.kind === 'nic' && target?.kind === 'nic')) {
    const [verb, buffer] = nic === source ? (['receive', to] as const) : (['send', from] as const);
    const { moved, done } = planVerb(plan, { nic: nic.id, verb, buffer, bytes, via: options.via }, { after });
    tasks.push(moved);
    return done;
  }
  const staged = planned.route.route === 'host-memory';
  const blocks = options.blockBytes === null ? 1 : Math.max(1, Math.ceil(bytes / options.blockBytes));
  const copies = (name: string, start: EndpointRef, goal: EndpointRef, before: readonly number[]): number => {
    const fpga = [start, goal].map((end) => (end.memory ? null : componentAt(machine, end.component)));
    const [out, into] = fpga;
    const holds: number[] = [];
    const extra: { resource: number; cost: number }[] = [];
    let calls = 0;
    if (out?.kind === 'fpga') {
      holds.push(channels(plan, out.id, 'c2h'));
      extra.push(engine(plan, out.id, 'c2h'));
      if (goal.memory) calls += characterDeviceCall.value * blocks;
    } else if (into?.kind === 'fpga') {
      holds.push(channels(plan, into.id, 'h2c'));
      extra.push(engine(plan, into.id, 'h2c'));
      if (start.memory) calls += characterDeviceCall.value * blocks;
    }
    const gpu = into?.kind === 'gpu' && start.memory ? into : out?.kind === 'gpu' && goal.memory ? out : null;
    if (gpu !== null) {
      holds.push(copyEngine(plan, gpu.id, into === gpu ? 'h2d' : 'd2h'));
      calls += copyCall.value;
    }
    const called =
      calls === 0
        ? before
        : [
            plan.step(calls, {
              after: before,
              trace: { ...trace, name: gpu === null ? 'read /dev/xdma' : (gpuDriverOf(gpu).copyCall ?? 'copy') },
            }),
          ];
    const task = plan.copy(start, goal, bytes, {
      after: called,
      holds,
      extra,
      // A staged item goes in two copies of its own.
      options: start === from && goal === to ? options : {},
      trace: { ...trace, name, args: { bytes } },
    });
    tasks.push(task);
    return task;
  };
  // A drive or a NIC stages by itself, in a pipeline of blocks; an FPGA and a GPU need a call each.
  const calledFor = [source, target].some((device) => device?.kind === 'fpga');
  if (!staged || !calledFor) return copies(stage.name, from, to, after);
  const leg = planned.route.legs[0];
  const memory = leg?.to ?? to;
  return copies(`${stage.name} out of it`, memory, to, [copies(`${stage.name} into host memory`, from, memory, after)]);
}
