import { describe, expect, it } from 'vitest';
import { parseQemuArguments } from '../../formats/qemu/arguments.ts';
import { qemuMachine } from '../../formats/qemu/machine.ts';
import { boot, missingToBoot } from './boot/boot.ts';
import { compare } from './compare.ts';
import { limits } from './limits.ts';
import { optionsOf } from './random/compare-random.ts';
import { firstWideSeed, randomTopology } from './random/topology.ts';

const missing = missingToBoot();

describe('limits of QEMU', () => {
  it.each(limits)('$name: met by its example and no other', ({ example, isMet }) => {
    const { firmware } = parseQemuArguments(example);
    expect(limits.filter((one) => one.isMet(qemuMachine(example), firmware))).toHaveLength(1);
    expect(isMet(qemuMachine(example), firmware)).toBe(true);
  });

  it.each(['linux', 'seabios', 'ovmf'] as const)('random topologies for %s keep clear of them', (firmware) => {
    const seeds = [...Array(300).keys(), ...Array.from({ length: 100 }, (_, index) => index + firstWideSeed - 1)];
    for (const seed of seeds.map((one) => one + 1)) {
      const machine = qemuMachine(randomTopology(seed, firmware));
      expect(limits.filter((one) => one.isMet(machine, firmware)).map(({ name }) => `${seed}: ${name}`)).toEqual([]);
    }
  });

  it.skipIf(missing !== null).each(limits)(
    `$name: a boot still shows it${missing === null ? '' : ` (skipped: ${missing})`}`,
    async ({ example, shows }) => {
      const { firmware, memoryBytes, enabledVfs } = parseQemuArguments(example);
      // Freed memory is overwritten, so that its use shows at once and not now and then (mallopt(3), M_PERTURB).
      const environment: Record<string, string> = shows === 'crash' ? { MALLOC_PERTURB_: '165' } : {};
      const booted = boot(optionsOf(example), { firmware, memoryBytes, environment, enabledVfs });
      if (shows === 'crash' || shows === 'no-end') {
        const end = shows === 'crash' ? /ended by SIG(SEGV|ABRT)/ : /did not come to its end(?!.*SIGKILL)/s;
        await expect(booted).rejects.toThrow(end);
        return;
      }
      const { differences } = compare(example, await booted, firmware);
      const what = { 'lost-functions': 'functions', addresses: 'bar' } as const;
      expect(differences.map((one) => one.what)).toContain(what[shows]);
    },
    300_000,
  );
});
