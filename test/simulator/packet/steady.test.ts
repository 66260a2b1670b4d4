import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { simulate } from '../../../simulator/simulate.ts';
import { machineChoice, makeMachine, makeWork, taggedMachineChoice, transferChoices } from './random-machine.ts';

/** Long enough that stretches are left out, short enough to send every packet. */
const bytes = fc.constantFrom(4, 12).map((mebibytes) => mebibytes * 2 ** 20);

describe('steady stretches', () => {
  it('left out change nothing that counts', () => {
    const machines = fc.oneof(machineChoice, taggedMachineChoice);
    fc.assert(
      fc.property(machines, transferChoices(bytes, 3), (choice, choices) => {
        const { machine, ends } = makeMachine(choice);
        const work = makeWork(machine, ends, choices);
        const [short] = simulate(machine, work, { fidelity: 'packet' }).runs;
        const [whole] = simulate(machine, work, { fidelity: 'packet', skipSteady: false }).runs;
        whole?.transfers.forEach((one, index) => {
          const other = short?.transfers[index];
          expect((other?.endSeconds ?? 0) / one.endSeconds).toBeCloseTo(1, 2);
          expect(other?.firstByteSeconds).toBe(one.firstByteSeconds);
          expect(other?.bottleneck).toBe(one.bottleneck);
        });
        whole?.links.forEach((link, index) => {
          const other = short?.links[index];
          expect(other?.payloadBytes).toBe(link.payloadBytes);
          expect((other?.wireBytes ?? 0) / link.wireBytes).toBeCloseTo(1, 6);
          expect(other?.utilisation).toBeCloseTo(link.utilisation, 2);
        });
      }),
      { seed: 20_240, numRuns: 25 },
    );
  });
});
