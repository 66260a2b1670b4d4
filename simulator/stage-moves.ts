import { type Component, componentAt } from '../model/machine.ts';
import type { EndpointRef, OtherActivity, Via } from '../model/work.ts';
import { channels, engine, planXdma } from './drivers/fpga/xdma.ts';
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
  const calls = options.blockBytes === null ? 1 : Math.max(1, Math.ceil(bytes / options.blockBytes));
  const polled = stage.settings.polling === true;
  const copy = (name: string, start: EndpointRef, goal: EndpointRef, before: readonly number[]): number => {
    const [out, into] = [start, goal].map((end) => (end.memory ? null : componentAt(machine, end.component)));
    const fpga = out?.kind === 'fpga' && goal.memory ? out : into?.kind === 'fpga' && start.memory ? into : null;
    if (fpga !== null) {
      const direction = fpga === out ? 'c2h' : 'h2c';
      const memory = fpga === out ? goal : start;
      const request = { after: before, polled, flow: trace.flow, memory, calls, trace: { ...trace, name } };
      const { moved, done } = planXdma(plan, fpga.id, direction, bytes, request);
      tasks.push(moved);
      return done;
    }
    const holds: number[] = [];
    const extra: { resource: number; cost: number }[] = [];
    const card = out?.kind === 'fpga' ? out : into?.kind === 'fpga' ? into : null;
    if (card !== null) {
      const direction = card === out ? 'c2h' : 'h2c';
      holds.push(channels(plan, card.id, direction));
      extra.push(engine(plan, card.id, direction));
    }
    const gpu = into?.kind === 'gpu' && start.memory ? into : out?.kind === 'gpu' && goal.memory ? out : null;
    if (gpu !== null) holds.push(copyEngine(plan, gpu.id, into === gpu ? 'h2d' : 'd2h'));
    const call = (device: Component) =>
      plan.step(copyCall.value, {
        after: before,
        trace: { ...trace, name: gpuDriverOf(device).copyCall ?? 'copy' },
      });
    const task = plan.copy(start, goal, bytes, {
      after: gpu === null ? before : [call(gpu)],
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
  if (!staged || !calledFor) return copy(stage.name, from, to, after);
  const leg = planned.route.legs[0];
  const memory = leg?.to ?? to;
  return copy(`${stage.name} out of it`, memory, to, [copy(`${stage.name} into host memory`, from, memory, after)]);
}
