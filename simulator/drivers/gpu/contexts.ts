import type { Reason } from '../../../model/origin.ts';

/** A CUDA context: one for each process and device unless a program makes more. */
export interface ContextRef {
  readonly process: string;
  readonly context: string;
}

/**
 * Whether work of one context may use memory that another one allocated: each context has an address space of its own,
 * in one process as well, so that a pointer means nothing in another. Memory that is exported (`cuMemExportToShareableHandle`,
 * `cuIpcGetMemHandle` between processes) and imported again may be used.
 * Source: CUDA Driver API, "Context management"; CUDA C++ Programming Guide, "Context": each context has its own distinct
 * address space, and CUdeviceptr values from different contexts reference different memory locations.
 *
 * @param exported whether the owner exported it and the user imported it
 * @returns why it is refused, or null
 */
export function refusesAccess(owner: ContextRef, user: ContextRef, exported: boolean): Reason | null {
  if (exported || (owner.process === user.process && owner.context === user.context)) return null;
  const name = ({ process, context }: ContextRef) => (context === '' ? process : `${process}.${context}`);
  return {
    code: 'driver/wrong-context',
    message: `${name(user)} cannot use memory of ${name(owner)}: contexts have address spaces of their own. Export and import it.`,
    at: null,
  };
}
