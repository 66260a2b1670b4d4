import { type Context, type PropertySchema, property } from './property.ts';
import { oneOf, quantity, word } from './readers.ts';

/** An operation of a stream or a process: its words, its amount, its clauses. */
export interface OperationDraft {
  verb: string;
  values: Record<string, number | string | boolean>;
}

const streams: readonly Context[] = ['stream', 'process', 'context'];

/** What a stream does, in order. `to` and `from` clauses name the other end. */
export const operationProperties: readonly PropertySchema<OperationDraft>[] = [
  property(
    'copy',
    streams,
    '(h2d | d2h | d2d | p2p) <size> [pinned | pageable | managed [random | stride <size>] | exported] [to <device> | from <context>]',
    'A copy: host to device, device to host, within the device (of another context where that exported it), or to a peer. Managed memory moves as it is touched: in order, at random, or a page every so many bytes.',
    'copy h2d 64 MiB',
    (cursor, target) => {
      target.verb = 'copy';
      const direction = oneOf('h2d', 'd2h', 'd2d', 'p2p').read(cursor);
      if (direction !== undefined) target.values.direction = direction;
      const size = quantity('bytes').read(cursor);
      if (size !== undefined) target.values.bytes = size;
      while (!cursor.done) {
        const kind = oneOf('pinned', 'pageable', 'managed', 'exported', 'random', 'stride').read(cursor);
        if (kind === undefined) continue;
        if (kind === 'random' || kind === 'stride') {
          const step = kind === 'stride' ? quantity('bytes').read(cursor) : undefined;
          target.values.touched = kind;
          if (step !== undefined) target.values.strideBytes = step;
          continue;
        }
        if (kind === 'exported') {
          target.values.exported = true;
          continue;
        }
        target.values.pinned = kind === 'pinned';
        target.values.managed = kind === 'managed';
      }
    },
    { repeatable: true, offers: ['h2d', 'd2h', 'd2d', 'p2p'] },
  ),
  property(
    'kernel',
    streams,
    '<time> [<name>]',
    'A kernel that runs for this long when it has the GPU to itself.',
    'kernel 300 us',
    (cursor, target) => {
      target.verb = 'kernel';
      const time = quantity('seconds').read(cursor);
      if (time !== undefined) target.values.seconds = time;
      if (!cursor.done) target.values.name = word.read(cursor) ?? '';
    },
    { repeatable: true },
  ),
  sized('store', '<size> to <device>', 'Stores of a CPU to a BAR.', 'store 64 B to gpu0'),
  sized('load', '<size> from <device>', 'Loads of a CPU from a BAR.', 'load 4 B from gpu0'),
  sized('prefetch', '<size> to <device>', 'Unified memory moved ahead of its use.', 'prefetch 64 MiB to gpu0'),
  sized(
    'export',
    '<size>',
    'A buffer of the GPU becomes a file descriptor that other drivers take: a dma-buf of a GEM object.',
    'export 64 MiB',
  ),
  sized(
    'attach',
    '<size> from <device>',
    'A buffer that another device exported is imported; where peers do not reach it, it moves to host memory first.',
    'attach 64 MiB from gpu1',
  ),
  plain('flip', 'The next frame is shown: an atomic commit of kernel mode setting.'),
  sized(
    'suspend',
    '<size>',
    'The driver saves so much VRAM in host memory before the machine sleeps.',
    'suspend 40 GiB',
  ),
  sized('resume', '<size>', 'The driver brings saved VRAM back.', 'resume 40 GiB'),
  plain('synchronize', 'The CPU waits until the stream is done.'),
];

/** An operation of an amount. */
function sized(verb: string, shape: string, doc: string, example: string): PropertySchema<OperationDraft> {
  return property(
    verb,
    streams,
    shape,
    doc,
    example,
    (cursor, target) => {
      target.verb = verb;
      const size = quantity('bytes').read(cursor);
      if (size !== undefined) target.values.bytes = size;
    },
    { repeatable: true },
  );
}

/** An operation without anything more to say. */
function plain(verb: string, doc: string): PropertySchema<OperationDraft> {
  return property(
    verb,
    streams,
    '',
    doc,
    verb,
    (_cursor, target) => {
      target.verb = verb;
    },
    { repeatable: true },
  );
}
