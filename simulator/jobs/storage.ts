import { AhciController, type AhciModel, ahciQueueEntries } from '../devices/ahci.ts';
import { CommandTable } from '../devices/command-table.ts';
import type { DataPath } from '../devices/data-path.ts';
import type { Drive } from '../devices/drive.ts';
import { type ControllerSetup, type ControllerWires, NvmeController } from '../devices/nvme/controller.ts';
import type { NvmeModel } from '../devices/nvme/model.ts';
import type { IoJob } from '../drivers/block/job.ts';
import { nvmeQueueEntries } from '../drivers/block/limits.ts';
import { mapQueues, type QueueMap } from '../drivers/block/queue-map.ts';
import { BlockStack } from '../drivers/block/stack.ts';
import { EventLoop } from '../events/event-loop.ts';
import type { FifoServer } from '../events/fifo-server.ts';
import { Random } from '../events/random.ts';
import type { TraceLog } from '../trace/records.ts';

/** A drive in a set-up: what it is, how far away, and the ways of its data by number. */
export interface StorageDrive {
  readonly model:
    | { readonly kind: 'nvme'; readonly nvme: NvmeModel }
    | { readonly kind: 'ahci'; readonly ahci: AhciModel };
  readonly wires: ControllerWires;
  readonly paths: readonly DataPath[];
  /** Cores to which its interrupts are bound; null: as the kernel does. */
  readonly interruptCores: readonly number[] | null;
  /** Invalidations of the IOMMU above it: one server for all drives of a socket. */
  readonly invalidations?: FifoServer | null;
}

/** Drives and jobs without a machine around them: what the engine of jobs runs. */
export interface StorageSetup {
  readonly drives: readonly StorageDrive[];
  readonly jobs: readonly IoJob[];
  readonly cores: number;
  readonly seed: number;
  readonly pageBytes: number;
  readonly trace: TraceLog | null;
  /** How many commands a trace follows. */
  readonly traceCommands?: number;
  readonly cancelled?: () => boolean;
}

export interface StorageRun {
  readonly stack: BlockStack;
  readonly drives: readonly Drive[];
  readonly maps: readonly QueueMap[];
  readonly loop: EventLoop;
  readonly commands: CommandTable;
}

/**
 * Runs jobs to their end: until no request is under way. A pure function of the set-up.
 *
 * @throws SimulationCancelled when `cancelled` says so
 */
export function runStorage(setup: StorageSetup): StorageRun {
  const loop = new EventLoop();
  const commands = new CommandTable();
  const stack = new BlockStack(
    loop,
    new Random(setup.seed),
    commands,
    setup.jobs,
    setup.cores,
    (drive, namespace) => {
      const model = setup.drives[drive]?.model;
      const zones = model?.kind === 'nvme' ? (model.nvme.namespaces[namespace]?.zones ?? null) : null;
      return zones === null ? null : { bytes: zones.zoneBytes, count: zones.zones };
    },
    setup.trace,
    setup.traceCommands ?? 64,
  );
  const events: ControllerSetup['events'] = {
    interrupt: (drive, vector) => stack.interrupt(drive, vector),
    completionPosted: (drive, queue) => stack.poll(drive, queue),
  };
  const maps: QueueMap[] = [];
  const drives = setup.drives.map((one, number) => {
    const { model } = one;
    const map =
      model.kind === 'nvme'
        ? mapQueues(setup.cores, model.nvme.queuePairs, model.nvme.vectors, one.interruptCores)
        : mapQueues(setup.cores, 1, 0, one.interruptCores);
    maps.push(map);
    const polls = model.kind === 'nvme' && setup.jobs.some((job) => job.drive === number && job.costs.polled);
    const controller: ControllerSetup = {
      number,
      loop,
      // A stream of its own for each drive: what one does, does not change what another draws.
      random: new Random(setup.seed * 1_000_003 + number + 1),
      commands,
      wires: one.wires,
      events,
      trace: setup.trace,
      queueVectors: polls ? [...map.vectorOfQueue, ...map.vectorOfQueue] : map.vectorOfQueue,
      entries: model.kind === 'nvme' ? Math.min(model.nvme.queueEntries, nvmeQueueEntries) : ahciQueueEntries,
      pageBytes: setup.pageBytes,
    };
    const drive: Drive & { readonly zones?: NvmeController['zones'] } =
      model.kind === 'nvme' ? new NvmeController(model.nvme, controller) : new AhciController(model.ahci, controller);
    drive.paths.push(...one.paths);
    const resets = (drive.zones ?? []).map((zones) => (zones === null ? null : (zone: number) => zones.reset(zone)));
    stack.attach({ drive, map, invalidations: one.invalidations ?? null, resets });
    return drive;
  });
  stack.begin();
  loop.run(Number.POSITIVE_INFINITY, setup.cancelled);
  return { stack, drives, maps, loop, commands };
}
