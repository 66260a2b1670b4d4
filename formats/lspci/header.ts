import { normaliseAddress } from '../pci/address.ts';
import { classOfName } from '../pci/class-names.ts';

/** What the first line of a function says. */
export interface Header {
  readonly address: string;
  /** 24 bits; the interface only where `isInterfaceKnown`. */
  readonly classCode?: number;
  readonly isInterfaceKnown?: boolean;
  readonly vendorId?: number;
  readonly deviceId?: number;
  readonly deviceName?: string;
  readonly revision?: number;
}

const lead = /^((?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7])(?:\s+(.*))?$/i;

/**
 * Reads the line that opens a function: with names, with numbers (`-n`) or both (`-nn`), with or without the domain (`-D`),
 * or with quotes (`-m`). `-PP` writes the way from the root before it, of which the last step is the function. Null where the line opens nothing.
 */
export function readHeader(line: string): Header | null {
  const last = /^(?:(?:[0-9a-f]{4,8}:)?[0-9a-f]{2}:[0-9a-f]{2}\.[0-7]\/)+/i.exec(line);
  const found = lead.exec(last === null ? line : line.slice(last[0].length));
  if (found === null) return null;
  const [, addressText = '', rest = ''] = found;
  const segment = last === null ? '' : (/^([0-9a-f]{4,8}):(?=..:)/i.exec(line)?.[0] ?? '');
  const address = normaliseAddress(addressText.length > 7 ? addressText : segment + addressText);
  if (address === null) return null;
  return { address, ...(rest.startsWith('"') ? readQuoted(rest) : readPlain(rest)) };
}

function readPlain(text: string): Omit<Header, 'address'> {
  const interfaceText = /\(prog-if ([0-9a-f]{2})(?: \[[^\]]*\])?\)\s*$/i.exec(text)?.[1];
  const revisionText = /\(rev ([0-9a-f]{2})\)/i.exec(text)?.[1];
  const names = text.replace(/\s*\((?:rev|prog-if) [0-9a-f]{2}(?: \[[^\]]*\])?\)/gi, '');
  // Numbers alone: `0604: 8086:9d10`, and `Class 0604: 8086:9d10` of old versions.
  const numbers = /^(?:Class )?([0-9a-f]{4}): ([0-9a-f]{4}):([0-9a-f]{4})\s*$/i.exec(names);
  const revision = revisionText === undefined ? {} : { revision: Number.parseInt(revisionText, 16) };
  if (numbers !== null) {
    const [, classText = '', vendor = '', device = ''] = numbers;
    return {
      ...classFacts(Number.parseInt(classText, 16), interfaceText),
      vendorId: Number.parseInt(vendor, 16),
      deviceId: Number.parseInt(device, 16),
      ...revision,
    };
  }
  // The class ends at the first colon that a space follows; a name may hold colons, a class does not.
  const at = names.indexOf(': ');
  if (at < 0) return revision;
  const classPart = names.slice(0, at);
  const namePart = names.slice(at + 2).trim();
  const classNumber = /\[([0-9a-f]{4})\]$/i.exec(classPart)?.[1];
  const classCode =
    classNumber === undefined ? classOfName(classPart.replace(/^Class \[?/, '')) : Number.parseInt(classNumber, 16);
  const ids = /\s*\[([0-9a-f]{4}):([0-9a-f]{4})\]$/i.exec(namePart);
  const deviceName = ids === null ? namePart : namePart.slice(0, ids.index).trim();
  return {
    ...(classCode === undefined ? {} : classFacts(classCode, interfaceText)),
    ...(ids?.[1] === undefined || ids[2] === undefined
      ? {}
      : { vendorId: Number.parseInt(ids[1], 16), deviceId: Number.parseInt(ids[2], 16) }),
    ...(deviceName === '' ? {} : { deviceName }),
    ...revision,
  };
}

/** `"PCI bridge [0604]" "Intel Corporation [8086]" "Device [9d10]" -rf1 -p00 "Lenovo [17aa]" "Device [2258]"`. */
function readQuoted(text: string): Omit<Header, 'address'> {
  const fields = [...text.matchAll(/"([^"]*)"|-([rp])([0-9a-f]{2})/gi)];
  const quoted = fields.filter((field) => field[1] !== undefined).map((field) => field[1] ?? '');
  const option = (letter: string) => fields.find((field) => field[2] === letter)?.[3];
  const number = (field: string | undefined) => {
    const digits = /(?:^|\[)([0-9a-f]{4})\]?$/i.exec(field ?? '')?.[1];
    return digits === undefined ? undefined : Number.parseInt(digits, 16);
  };
  const plain = (field: string | undefined) => (field ?? '').replace(/\s*\[?[0-9a-f]{4}\]?$/i, '');
  const classCode = number(quoted[0]) ?? classOfName(quoted[0] ?? '');
  const vendorId = number(quoted[1]);
  const deviceId = number(quoted[2]);
  const revision = option('r');
  const deviceName = [plain(quoted[1]), plain(quoted[2])].join(' ').trim();
  return {
    ...(classCode === undefined ? {} : classFacts(classCode, option('p'))),
    ...(vendorId === undefined ? {} : { vendorId }),
    ...(deviceId === undefined ? {} : { deviceId }),
    ...(deviceName === '' ? {} : { deviceName }),
    ...(revision === undefined ? {} : { revision: Number.parseInt(revision, 16) }),
  };
}

/** lspci leaves out an interface of 0 that the class does not name, so that only a printed one is known. */
function classFacts(
  classCode: number,
  interfaceText: string | undefined,
): Pick<Header, 'classCode' | 'isInterfaceKnown'> {
  return interfaceText === undefined
    ? { classCode: classCode << 8, isInterfaceKnown: false }
    : { classCode: (classCode << 8) | Number.parseInt(interfaceText, 16), isInterfaceKnown: true };
}
