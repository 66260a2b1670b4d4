import type { Plan } from '../../plan.ts';

/**
 * Events of all processes of a run: what records them, and what waits for them. A name may be written short while one
 * process has only one of it: `done`, `s0.done`, `train.s0.done`.
 */
export class StreamEvents {
  readonly #recorded = new Map<string, number>();
  readonly #waits: { readonly process: string; readonly task: number; readonly event: string }[] = [];

  /** `cudaEventRecord`: the event stands for all that its stream was given before. The last record counts. */
  record(process: string, stream: string, event: string, task: number): void {
    this.#recorded.set(`${process}.${stream}.${event}`, task);
  }

  /** `cudaStreamWaitEvent`. */
  wait(process: string, event: string, task: number): void {
    this.#waits.push({ process, task, event });
  }

  /** Ties waits to records once all are known. As in CUDA, waiting for an event that nobody records does not wait. */
  tie(plan: Plan): void {
    for (const { process, task, event } of this.#waits) {
      const source = this.#find(`${process}.`, event) ?? this.#find('', event);
      if (source !== undefined) plan.alsoAfter(task, [source]);
    }
  }

  #find(within: string, event: string): number | undefined {
    for (const [name, task] of this.#recorded) {
      if (name.startsWith(within) && (name === event || name.endsWith(`.${event}`))) return task;
    }
    return undefined;
  }
}
