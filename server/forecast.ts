import type { Machine } from '../model/machine.ts';
import type { Transfer } from '../model/work.ts';
import { describePath, type PathReport } from '../simulator/path.ts';
import type { RunOptions } from './protocol.ts';

type Tax = Required<RunOptions>['tax'];

/** What a transfer should do when it has the machine to itself. */
export interface Forecast {
  readonly path: PathReport;
  /** From its start to its last byte. */
  readonly seconds: number;
  /** All its bytes over that time. */
  readonly bytesPerSecond: number;
}

const kept = new WeakMap<Transfer, Map<Tax, Forecast>>();

/** The forecast of a transfer, made once: its latency, then its bytes at the steady rate of its way. */
export function forecastOf(machine: Machine, transfer: Transfer, tax: Tax): Forecast {
  const known = kept.get(transfer) ?? new Map<Tax, Forecast>();
  kept.set(transfer, known);
  const before = known.get(tax);
  if (before !== undefined) return before;
  const { from, to, via, initiator, operation, blockBytes, depth } = transfer;
  const path = describePath(machine, from, to, { via, initiator, operation, blockBytes, depth, tax });
  const seconds = path.firstByteSeconds + (path.bytesPerSecond > 0 ? transfer.bytes / path.bytesPerSecond : 0);
  const forecast = {
    path,
    seconds,
    bytesPerSecond: seconds > 0 && path.route !== 'none' ? transfer.bytes / seconds : 0,
  };
  known.set(tax, forecast);
  return forecast;
}
