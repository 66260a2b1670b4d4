import { type ObservedFunction, type ObservedMachine, type ObservedNote, UnreadableInput } from '../observed.ts';
import { decodeConfigSpace } from '../pci/config-space.ts';
import { inferBuses } from '../pci/infer.ts';
import { withoutAssumedRoots, withParents } from '../pci/tree.ts';
import { markVirtualFunctions } from '../pci/virtual-functions.ts';
import { type Header, readHeader } from './header.ts';
import { HexDump } from './hex-dump.ts';
import { isRecordLine, readRecord } from './record.ts';
import { isTreeLine, readTree } from './tree.ts';
import { isVerboseLine, VerboseReader } from './verbose.ts';

/**
 * Reads what lspci prints: lists at any verbosity, with names, numbers or both, hexadecimal dumps, trees, records (`-vmm`), and
 * several of these one after the other; later words about a function add to earlier ones, and registers beat words.
 * Throws UnreadableInput where nothing in the text is lspci's.
 */
export function readLspci(text: string): ObservedMachine {
  // Quoted in a mail, every line begins with `> `.
  const lines = joined(
    text
      .replace(/^\uFEFF/, '')
      .split(/\r\n|\r|\n/)
      .map((line) => line.replace(/^(?:> ?)+/, '')),
  );
  const notes: ObservedNote[] = [];
  const found = new Map<string, ObservedFunction>();
  const twice: string[] = [];
  const changed: string[] = [];
  const add = (one: ObservedFunction) => {
    const before = found.get(one.address);
    if (before !== undefined && isAnother(before, one)) twice.push(one.address);
    else if (before !== undefined && isInAnotherState(before, one)) changed.push(one.address);
    found.set(one.address, before === undefined ? one : { ...before, ...one, ...together(before, one) });
  };
  let open: Block | null = null;
  const lacking = { capabilities: 0, barNumbers: 0 };
  const close = () => {
    if (open !== null) {
      add(open.finish(notes));
      if (open.lacks.capabilities) lacking.capabilities++;
      if (open.lacks.barNumbers) lacking.barNumbers++;
    }
    open = null;
  };
  let ignored = 0;
  let firstIgnored: number | null = null;
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    if (line === brokenOff) continue;
    if (line.trim() === '') {
      close();
      continue;
    }
    if (isTreeLine(line)) {
      close();
      let end = at;
      while (end < lines.length && isTreeLine(lines[end] ?? '')) end++;
      const tree = readTree(lines.slice(at, end), at + 1);
      for (const one of tree.functions) add(one);
      notes.push(...tree.notes);
      at = end - 1;
      continue;
    }
    if (isRecordLine(line)) {
      close();
      let end = at;
      while (end < lines.length && (lines[end] ?? '').trim() !== '') end++;
      const record = readRecord(lines.slice(at, end));
      if (record !== null) add(record);
      at = end;
      continue;
    }
    const header = readHeader(line.trim());
    if (header !== null) {
      close();
      open = new Block(header, at + 1);
      continue;
    }
    const block: Block | null = open;
    if (block !== null && (block as Block).take(line)) continue;
    ignored++;
    firstIgnored ??= at + 1;
  }
  close();
  if (found.size === 0) {
    throw new UnreadableInput('This is nothing that lspci prints: expected lines such as `00:1c.0 PCI bridge: …`.', 1);
  }
  if (ignored > 0) {
    notes.push({
      line: firstIgnored,
      subject: null,
      message: `${ignored} lines that lspci does not print were left out`,
    });
  }
  const [again] = twice;
  const [other] = changed;
  if (again !== undefined) {
    notes.push({
      line: null,
      subject: again,
      message: `listed twice, as two devices${twice.length > 1 ? `, like ${twice.length - 1} more` : ''}: the file may hold several machines`,
    });
  }
  if (again === undefined && other !== undefined) {
    notes.push({
      line: null,
      subject: other,
      message: `listed twice, with another link, other buses or other BARs${changed.length > 1 ? `, like ${changed.length - 1} more` : ''}: the file may hold several machines of one kind; what stands last counts`,
    });
  }
  const summary = (message: string) => notes.push({ line: null, subject: null, message });
  if (lacking.capabilities > 0) {
    summary(`the capabilities of ${lacking.capabilities} functions could not be read: run lspci as root`);
  }
  if (lacking.barNumbers > 0) {
    summary(
      `the numbers of the BARs of ${lacking.barNumbers} functions are counted: \`-v\` does not print them, \`-vv\` does`,
    );
  }
  const inferred = inferBuses([...found.values()]);
  const placed = withParents(inferred.functions);
  return {
    formats: ['lspci'],
    functions: withoutAssumedRoots(
      markVirtualFunctions(placed.functions),
      (address) => found.get(address)?.parent === null,
    ),
    nodes: [],
    connections: [],
    distances: [],
    linux: {},
    notes: [...notes, ...inferred.notes, ...placed.notes],
  };
}

/** Two listings of one address that cannot be of one device. */
function isAnother(before: ObservedFunction, after: ObservedFunction): boolean {
  return (['vendorId', 'deviceId', 'subsystemVendorId', 'subsystemDeviceId'] as const).some(
    (id) => before[id] !== undefined && after[id] !== undefined && before[id] !== after[id],
  );
}

/** Two listings of one device that cannot be of one machine at one time. A GPU at rest lowers its rate, which is no difference. */
function isInAnotherState(before: ObservedFunction, after: ObservedFunction): boolean {
  const differ = (a: number | undefined, b: number | undefined) => a !== undefined && b !== undefined && a !== b;
  const [a, b] = [before.link, after.link];
  return (
    differ(before.buses?.secondary, after.buses?.secondary) ||
    differ(before.buses?.subordinate, after.buses?.subordinate) ||
    differ(a?.capable?.generation, b?.capable?.generation) ||
    differ(a?.capable?.lanes, b?.capable?.lanes) ||
    differ(a?.current?.lanes, b?.current?.lanes) ||
    (before.bars ?? []).some(({ index, bytes }) => differ(bytes, after.bars?.find((bar) => bar.index === index)?.bytes))
  );
}

/** Columns from which on mails break lines. */
const narrowest = 55;

/**
 * Puts together what a mail broke: a line without indentation that lspci would not print, behind a long one of it. Lines
 * keep their numbers: something stands where the second half was.
 */
function joined(lines: readonly string[]): string[] {
  const made = [...lines];
  let start = -1;
  made.forEach((line, at) => {
    if (line.trim() === '') return;
    const isOwn =
      /^\s/.test(line) || isVerboseLine(line) || readHeader(line) !== null || isTreeLine(line) || isRecordLine(line);
    const before = made[start];
    const isNext = before !== undefined && lines[at - 1]?.trim() !== '';
    if (isOwn) start = at;
    else if (
      isNext &&
      (lines[at - 1] ?? '').length >= narrowest &&
      !/^\S+[@:]\S*[$#] |^[$#] |^[0-9a-f]{2,3}: /.test(line)
    ) {
      made[start] = `${before} ${line}`;
      made[at] = brokenOff;
    } else start = -1;
  });
  return made;
}

/** Where the second half of a line was. */
const brokenOff = '\0';

/** A BAR that one listing gives an address and another a size has both. */
function together(before: ObservedFunction, after: ObservedFunction): Pick<ObservedFunction, 'bars'> {
  if (before.bars === undefined || after.bars === undefined) return {};
  const bars = after.bars.map((bar) => ({ ...before.bars?.find((one) => one.index === bar.index), ...bar }));
  return { bars: [...bars, ...before.bars.filter((bar) => !bars.some((one) => one.index === bar.index))] };
}

/** The lines of one function. */
class Block {
  readonly #header: Header;
  readonly #line: number;
  readonly #dump = new HexDump();
  readonly #verbose = new VerboseReader();
  #isFlat: boolean | null = null;

  constructor(header: Header, line: number) {
    this.#header = header;
    this.#line = line;
    if (header.classCode !== undefined) this.#verbose.facts.classCode = header.classCode;
  }

  /** Takes a line of the block; false where it does not belong to it. */
  take(line: string): boolean {
    if (this.#dump.take(line.trim())) return true;
    // Where the first line below the header lost its indentation, all have.
    this.#isFlat ??= !/^\s/.test(line) && isVerboseLine(line);
    if (!this.#isFlat && !isVerboseLine(line)) return false;
    this.#verbose.take(line);
    return true;
  }

  /** What many functions of a listing have in common: said once. */
  get lacks(): { readonly capabilities: boolean; readonly barNumbers: boolean } {
    return { capabilities: this.#verbose.isDenied, barNumbers: this.#verbose.hasCountedBars };
  }

  finish(notes: ObservedNote[]): ObservedFunction {
    const said = this.#verbose.finish();
    const header = this.#header;
    const note = (message: string) => notes.push({ line: this.#line, subject: header.address, message });
    const interfaceKnown =
      header.isInterfaceKnown === false && this.#verbose.isVerbose ? { isInterfaceKnown: true } : {};
    const words = { ...header, ...interfaceKnown, ...said, address: header.address };
    if (this.#verbose.isUnreachable || header.revision === 0xff) {
      note('it does not answer: its registers read all ones');
      // The interface and the revision are such ones; class and name are what the kernel remembers.
      if (words.classCode !== undefined)
        Object.assign(words, { classCode: words.classCode & 0xffff00, isInterfaceKnown: false });
      delete words.revision;
    }
    if (this.#dump.isEmpty) return words;
    const registers = decodeConfigSpace(this.#dump.bytes, (offset) => this.#dump.isKnown(offset));
    const merged = { ...words, ...registers, ...together(words, { address: header.address, ...registers }) };
    // A dump of 64 or 256 bytes says less than the words beside it may.
    return { ...merged, ...(registers.acs === undefined && said.acs !== undefined ? { acs: said.acs } : {}) };
  }
}
