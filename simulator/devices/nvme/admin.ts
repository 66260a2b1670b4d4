import { EventLoop, picosecondsPerSecond } from '../../events/event-loop.ts';
import type { TraceRecord } from '../../trace/records.ts';
import type { ControllerWires } from './controller.ts';
import type { NvmeModel } from './model.ts';
import { QueuePair } from './queue-pair.ts';

/** A command of the admin queue, by the names and numbers of the NVMe Base Specification 2.0. */
export interface AdminCommand {
  readonly name: string;
  readonly opcode: number;
  /** Command Dword 10 and 11 where they say what is asked for. */
  readonly dword10: number;
  readonly dword11: number;
  /** Bytes that the drive writes to memory. */
  readonly dataBytes: number;
}

const opcodes = {
  createSubmissionQueue: 0x01,
  createCompletionQueue: 0x05,
  identify: 0x06,
  setFeatures: 0x09,
} as const;
const identifyBytes = 4096;
/** NVME_AQ_DEPTH in drivers/nvme/host/pci.c. */
const adminEntries = 32;

/** What a driver asks for, and what it gets. */
export interface QueueGrant {
  readonly asked: number;
  /** Set Features answers with what the controller allocates, which can be less. */
  readonly granted: number;
}

/** I/O queues that Linux asks for and makes: one for each core, as far as the vectors go with one kept for the admin queue. */
export function grantQueues(model: NvmeModel, cores: number): QueueGrant {
  const granted = Math.min(cores, model.queuePairs);
  return { asked: cores, granted: Math.max(1, Math.min(granted, model.vectors <= 1 ? 1 : model.vectors - 1)) };
}

/** The admin commands with which Linux brings a drive up, in their order (nvme_probe, nvme_scan_ns in drivers/nvme/host). */
export function bringUpCommands(model: NvmeModel, cores: number): AdminCommand[] {
  const commands: AdminCommand[] = [];
  const add = (name: string, opcode: number, dword10: number, dword11: number, dataBytes: number) =>
    commands.push({ name, opcode, dword10, dword11, dataBytes });
  const { granted } = grantQueues(model, cores);
  add('Identify Controller', opcodes.identify, 0x01, 0, identifyBytes);
  // Counts from 0: both numbers of queues in one word.
  add('Set Features, Number of Queues', opcodes.setFeatures, 0x07, (cores - 1) * 0x1_0001, 0);
  for (let queue = 1; queue <= granted; queue++) {
    const entries = model.queueEntries - 1;
    const word = entries * 0x1_0000 + queue;
    // Physically contiguous, interrupts enabled, and the vector; then the completion queue that goes with it.
    const vector = model.vectors <= 1 ? 0 : queue;
    add(`Create I/O Completion Queue ${queue}`, opcodes.createCompletionQueue, word, vector * 0x1_0000 + 3, 0);
    add(`Create I/O Submission Queue ${queue}`, opcodes.createSubmissionQueue, word, queue * 0x1_0000 + 1, 0);
  }
  if (model.coalesceThreshold > 1) {
    const time = Math.min(255, Math.round(model.coalesceSeconds / 100e-6));
    add('Set Features, Interrupt Coalescing', opcodes.setFeatures, 0x08, time * 256 + model.coalesceThreshold - 1, 0);
  }
  add('Identify, active namespaces', opcodes.identify, 0x02, 0, identifyBytes);
  model.namespaces.forEach((namespace, index) => {
    add(`Identify, descriptors of namespace ${index + 1}`, opcodes.identify, 0x03, 0, identifyBytes);
    add(`Identify Namespace ${index + 1}`, opcodes.identify, 0x00, 0, identifyBytes);
    // The zoned command set is number 2.
    if (namespace.zones !== null)
      add(`Identify, zones of namespace ${index + 1}`, opcodes.identify, 0x05, 0x0200_0000, identifyBytes);
  });
  return commands;
}

export interface BringUp {
  readonly commands: readonly AdminCommand[];
  readonly seconds: number;
  readonly records: readonly TraceRecord[];
  /** Interrupts of vector 0. */
  readonly interrupts: number;
}

/**
 * Brings a drive up, a command after the other: doorbell, fetch, data, completion, interrupt. What the controller itself takes
 * for a command is not stated anywhere and left out, so the time is what the wires take at least.
 */
export function bringUp(model: NvmeModel, cores: number, wires: ControllerWires): BringUp {
  const loop = new EventLoop();
  const queue = new QueuePair(0, adminEntries, 0);
  const commands = bringUpCommands(model, cores);
  const records: TraceRecord[] = [];
  let interrupts = 0;
  const submit = (index: number): void => {
    if (index >= commands.length) return;
    queue.put(index);
    const startSeconds = loop.now / picosecondsPerSecond;
    loop.after(wires.doorbell + wires.hostRead + wires.hostWrite, () => {
      const command = queue.fetch();
      queue.post(command);
      interrupts++;
      queue.take();
      const { name = '', opcode = 0, dword10 = 0, dword11 = 0 } = commands[command] ?? {};
      records.push({
        track: `${model.name}/admin queue`,
        name,
        startSeconds,
        endSeconds: loop.now / picosecondsPerSecond,
        args: { opcode, dword10, dword11 },
      });
      submit(index + 1);
    });
  };
  submit(0);
  loop.run();
  return { commands, seconds: loop.now / picosecondsPerSecond, records, interrupts };
}
