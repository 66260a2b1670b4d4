import type { EffectiveAcs } from '../../isolation/acs.ts';
import { type AcsBit, acsBits } from '../../machine.ts';
import type { CapabilityBlock } from '../block.ts';
import { bitWhere, field, setDword, setWord } from '../registers.ts';

const bitsOf = (bits: readonly AcsBit[]): number =>
  acsBits.reduce((sum, bit, index) => sum | bitWhere(bits.includes(bit), 1 << index), 0);

/** Ports that the egress control vector can name: its size field has eight bits, in which 0 stands for 256. */
const maximumPorts = 256;

/**
 * Access Control Services (PCI Express Base Specification 5.0, 7.7.8): as they stand after boot. With egress control there
 * is one bit for each port beside.
 */
export function accessControl({ capability, control }: EffectiveAcs, portsBeside: number): CapabilityBlock {
  const capable = bitsOf(capability ?? []);
  const ports = capability?.includes('EC') === true ? Math.min(Math.max(portsBeside, 1), maximumPorts) : 0;
  const words = Math.ceil(ports / 32);
  return {
    kind: 'extended',
    id: 0x000d,
    version: 1,
    name: 'Access Control Services',
    bytes: 8 + 4 * words,
    write(space, at) {
      setWord(space, at + 4, capable | field(ports, 8, 8));
      setWord(space, at + 6, bitsOf(control), { writable: capable });
      for (let word = 0; word < words; word++) {
        const bits = Math.min(32, ports - 32 * word);
        setDword(space, at + 8 + 4 * word, 0, { writable: 2 ** bits - 1 });
      }
    },
  };
}
