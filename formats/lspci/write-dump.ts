import type { Machine } from '../../model/machine.ts';
import type { FunctionSpace } from '../../model/space/function-space.ts';
import { type ConfigurationSpaces, configurationSpaces, type SpaceOptions } from '../../model/space/spaces.ts';

const bytesOfRow = 16;

/**
 * A machine as `lspci -D -xxxx` prints it: a line with the address, then the bytes in rows of sixteen, then an empty line.
 * `lspci -F` reads it back. `configurationSpaces(machine).assumptions` says which values no text states.
 */
export function writeLspciDump(machine: Machine, options: SpaceOptions = {}): string {
  return dumpOf(configurationSpaces(machine, options), machine);
}

/** The same for spaces at hand, for instance after writes to them. */
export function dumpOf({ functions }: ConfigurationSpaces, machine: Machine): string {
  return functions.map((space) => `${titleOf(space, machine)}\n${rowsOf(space)}\n`).join('\n');
}

/** The reader wants the address and a blank; what follows is for people. */
function titleOf({ address, name, role }: FunctionSpace, machine: Machine): string {
  const label = role.replaceAll('-', ' ');
  return `${address} ${label[0]?.toUpperCase() ?? ''}${label.slice(1)}: ${machine.name} ${name}`.slice(0, 120);
}

function rowsOf({ registers: { bytes } }: FunctionSpace): string {
  const rows: string[] = [];
  for (let offset = 0; offset < bytes.length; offset += bytesOfRow) {
    const row = [...bytes.subarray(offset, offset + bytesOfRow)].map((byte) => hex(byte, 2));
    rows.push(`${hex(offset, offset > 0xff ? 3 : 2)}: ${row.join(' ')}`);
  }
  return rows.join('\n');
}

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
