import { generationOfRate } from '../../model/link/generation.ts';
import { acsBits } from '../../model/machine.ts';
import type { FunctionRole, ObservedBar, ObservedFunction, ObservedLinkState, ObservedRange } from '../observed.ts';
import { addressOf, linkState, parseSize, sizeOf } from './values.ts';
import { acsNames, aspmStates, roles } from './words.ts';

/** What the indented lines of one function say: everything but its address. */
export type VerboseFacts = Omit<ObservedFunction, 'address' | 'parent'>;

type Draft = { -readonly [K in keyof VerboseFacts]: VerboseFacts[K] };
type Capability = 'express' | 'acs' | 'sriov' | 'msix' | 'ats' | 'ari' | 'rebar' | 'vf-rebar' | 'other' | null;

/** Lines that belong to a capability whatever stands before them. */
const detail = /^(?:(?:Lnk|Dev)(?:Cap|Ctl|Sta)2?|SltCap|ACSCap|ACSCtl|IOVCtl|AtomicOpsCap):/;

/** What the lines below a function begin with, where their indentation was lost. */
const known =
  /^(?:Subsystem|Flags|Control|Status|Latency|Interrupt|NUMA node|IOMMU group|Region \d|Expansion ROM|Bus|I\/O behind bridge|Memory behind bridge|Prefetchable memory behind bridge|Capabilities|Kernel driver in use|Kernel modules|Physical Slot|(?:Lnk|Dev)(?:Cap|Ctl|Sta)2?|SltCap|ACSCap|ACSCtl|IOVCtl)\b/;

/** Whether a line says something of the function above it: it is indented, or begins as such lines do. */
export function isVerboseLine(line: string): boolean {
  return /^\s/.test(line) || known.test(line);
}

/** Columns of white space; a tab goes on to the next multiple of eight. */
function indentOf(line: string): number {
  let column = 0;
  for (const character of line) {
    if (character === ' ') column++;
    else if (character === '\t') column += 8 - (column % 8);
    else break;
  }
  return column;
}

/** What a function without the PCI Express capability is. */
function conventionalRole({ classCode, buses }: Draft): FunctionRole {
  if (buses !== undefined) return 'pci-bridge';
  return classCode !== undefined && classCode >>> 8 === 0x0600 ? 'host-bridge' : 'conventional';
}

/** Reads the indented lines of one function, one after the other, of `-v`, `-vv` or `-vvv`. */
export class VerboseReader {
  readonly facts: Draft = {};
  /** Some capability stands at 0x100 or beyond: the extended capabilities were readable. */
  #extended = false;
  /** The list of capabilities was readable and ended. */
  #capabilities = false;
  /** There is a PCI Express capability, whether or not its type was understood. */
  #isExpress = false;
  #capability: Capability = null;
  /** Columns before the `Capabilities:` whose lines are being read. */
  #indent = 0;
  #current: ObservedLinkState | undefined;
  #capable: ObservedLinkState | undefined;
  #target: ReturnType<typeof generationOfRate> = null;
  readonly #bars: ObservedBar[] = [];
  readonly #virtualBars: ObservedBar[] = [];
  #nextBar = 0;
  #sriov: { -readonly [K in keyof NonNullable<Draft['sriov']>]?: NonNullable<Draft['sriov']>[K] } = {};
  #isVfEnabled = false;
  /** BARs were printed without their numbers, as `-v` does, and counted. */
  hasCountedBars = false;
  isDenied = false;
  isUnreachable = false;
  /** The lines of `-v` proper: then an interface that is not printed is 0. */
  isVerbose = false;

  take(line: string): void {
    const text = line.trim();
    if (text === '') return;
    const indent = indentOf(line);
    if (text.startsWith('Capabilities:')) {
      this.#indent = indent;
      this.#startCapability(text);
    } else if (/^!!! Unknown header type/.test(text)) this.isUnreachable = true;
    else if (this.#capability !== null && (indent > this.#indent || this.#isFlat(indent, text)))
      this.#inCapability(text);
    else if (detail.test(text)) this.#detail(text);
    else {
      this.#capability = null;
      this.#general(text);
    }
  }

  /** Where all indentation was lost, a capability goes on until the next one, or until the drivers. */
  #isFlat(indent: number, text: string): boolean {
    return indent === 0 && this.#indent === 0 && !/^Kernel (?:driver|modules)/.test(text);
  }

  /** A line of a capability that lost its indentation on the way here: its name says where it belongs. */
  #detail(text: string): void {
    if (text.startsWith('ACS')) this.#acs(text);
    else if (text.startsWith('IOV')) this.#virtual(text);
    else this.#express(text);
  }

  /** What was read. */
  finish(): VerboseFacts {
    const { facts } = this;
    if (this.#current !== undefined || this.#capable !== undefined) {
      facts.link = {
        ...(this.#current === undefined ? {} : { current: this.#current }),
        ...(this.#capable === undefined ? {} : { capable: this.#capable }),
        ...(this.#target === null ? {} : { targetGeneration: this.#target }),
      };
    }
    if (this.#bars.length > 0) facts.bars = this.#bars;
    const { totalVfs, enabledVfs } = this.#sriov;
    if (totalVfs !== undefined) {
      facts.sriov = {
        ...this.#sriov,
        totalVfs,
        enabledVfs: this.#isVfEnabled ? (enabledVfs ?? 0) : 0,
        bars: this.#virtualBars,
      };
    }
    if (facts.role === 'root-port' && (facts.classCode ?? 0) >>> 8 === 0x0600) facts.role = 'host-bridge';
    if (this.#extended && facts.acs === undefined && !this.isDenied) facts.acs = null;
    if (facts.role === undefined && this.#capabilities && !this.#isExpress && !this.isDenied)
      facts.role = conventionalRole(facts);
    return facts;
  }

  #general(text: string): void {
    const { facts } = this;
    const at = text.indexOf(':');
    const key = at < 0 ? '' : text.slice(0, at);
    const value = text.slice(at + 1).trim();
    switch (key) {
      case 'Subsystem':
        this.#subsystem(value);
        return;
      case 'Flags':
        this.isVerbose = true;
        this.#node(/NUMA node (\d+)/.exec(value)?.[1]);
        this.#group(/IOMMU group (\d+)/.exec(value)?.[1]);
        return;
      case 'Control':
        this.isVerbose = true;
        return;
      case 'Status':
        // No list of capabilities is one that ends at once.
        if (value.startsWith('Cap-')) this.#capabilities = true;
        return;
      case 'NUMA node':
        this.#node(/^\d+/.exec(value)?.[0]);
        return;
      case 'IOMMU group':
        this.#group(/^\d+/.exec(value)?.[0]);
        return;
      case 'Bus': {
        const found = /primary=([0-9a-f]{2}), secondary=([0-9a-f]{2}), subordinate=([0-9a-f]{2})/i.exec(value);
        if (found === null) return;
        const [primary = 0, secondary = 0, subordinate = 0] = found
          .slice(1)
          .map((digits) => Number.parseInt(digits, 16));
        facts.buses = { primary, secondary, subordinate };
        return;
      }
      case 'I/O behind bridge':
        this.#window('io', value);
        return;
      case 'Memory behind bridge':
        this.#window('memory', value);
        return;
      case 'Prefetchable memory behind bridge':
        this.#window('prefetchable', value);
        return;
      case 'Kernel driver in use':
        if (value !== '') facts.driver = value;
        return;
      default:
        this.#bar(text, this.#bars);
    }
  }

  #node(digits: string | undefined): void {
    if (digits !== undefined) this.facts.numaNode = Number(digits);
  }

  #group(digits: string | undefined): void {
    if (digits !== undefined) this.facts.iommuGroup = Number(digits);
  }

  #subsystem(value: string): void {
    const found = /(?:^|\[)([0-9a-f]{4}):([0-9a-f]{4})\]?$/i.exec(value);
    if (found === null) return;
    this.facts.subsystemVendorId = Number.parseInt(found[1] ?? '', 16);
    this.facts.subsystemDeviceId = Number.parseInt(found[2] ?? '', 16);
  }

  #window(kind: 'io' | 'memory' | 'prefetchable', value: string): void {
    const found = /^([0-9a-f]+)-([0-9a-f]+)/i.exec(value);
    let range: ObservedRange | null = null;
    if (found?.[1] !== undefined && found[2] !== undefined) {
      const start = BigInt(`0x${found[1]}`);
      const end = BigInt(`0x${found[2]}`);
      range = end < start || /\[disabled\]/.test(value) ? null : { start, end };
    }
    this.facts.windows = { ...this.facts.windows, [kind]: range };
  }

  /** `Region 0: Memory at d0000000 (64-bit, prefetchable) [size=256M]`; `-v` leaves out the number. */
  #bar(text: string, into: ObservedBar[]): void {
    const body = text.replace(/^\[virtual\] ?/, '');
    const rom = /^Expansion ROM at (\S+)/.exec(body);
    if (rom !== null) {
      const bytes = sizeOf(body);
      into.push({
        index: 6,
        kind: 'rom',
        prefetchable: false,
        ...(bytes === undefined ? {} : { bytes }),
        address: addressOf(rom[1] ?? ''),
      });
      return;
    }
    const found = /^(?:(?:Region|BAR) (\d): )?(?:\[virtual\] )?(Memory|I\/O ports) at (\S+)(?: \(([^)]*)\))?/.exec(
      body,
    );
    if (found === null) return;
    const [, number, space, at = '', flags = ''] = found;
    const kind = space === 'Memory' ? (flags.includes('64-bit') ? 'memory64' : 'memory32') : 'io';
    const index = number === undefined ? this.#nextBar : Number(number);
    if (number === undefined) this.hasCountedBars = true;
    if (index > 5) return;
    this.#nextBar = index + (kind === 'memory64' ? 2 : 1);
    const bytes = sizeOf(body);
    into.push({
      index,
      kind,
      prefetchable: /(?<!non-)prefetchable/.test(flags),
      ...(bytes === undefined ? {} : { bytes }),
      address: addressOf(at),
    });
  }

  #startCapability(text: string): void {
    const found = /^Capabilities: \[([0-9a-f]+)(?: v\d+)?\] (.*)$/i.exec(text);
    if (found === null) {
      if (text.includes('<access denied>')) this.isDenied = true;
      this.#capability = 'other';
      return;
    }
    this.#capabilities = true;
    const [, offset = '', title = ''] = found;
    if (Number.parseInt(offset, 16) >= 0x100) this.#extended = true;
    this.#capability = this.#open(title);
  }

  #open(title: string): Capability {
    const { facts } = this;
    const express = /^Express\b(?: \(v\d+\))? ?(.*)$/.exec(title);
    // The text may end inside the word.
    if (express !== null || 'Express'.startsWith(title)) this.#isExpress = true;
    if (express !== null) {
      const type = express[1] ?? '';
      const role = roles.find(([shape]) => shape.test(type))?.[1];
      if (role !== undefined) facts.role = role;
      return 'express';
    }
    if (/^Access Control Services/.test(title)) return 'acs';
    if (/^Single Root I\/O Virtualization/.test(title)) return 'sriov';
    if (/^Address Translation Service/.test(title)) return 'ats';
    if (/^Physical Resizable BAR/.test(title)) return 'rebar';
    if (/^Virtual Resizable BAR/.test(title)) return 'vf-rebar';
    if (/^Alternative Routing-ID/.test(title)) {
      facts.ari = true;
      return 'ari';
    }
    const msix = /^MSI-X: .*Count=(\d+)/.exec(title);
    if (msix !== null) {
      facts.msixVectors = Number(msix[1]);
      return 'msix';
    }
    const subsystem = /^Subsystem: (.*)$/.exec(title);
    if (subsystem !== null) this.#subsystem(subsystem[1] ?? '');
    return 'other';
  }

  #inCapability(text: string): void {
    switch (this.#capability) {
      case 'express':
        this.#express(text);
        return;
      case 'acs':
        this.#acs(text);
        return;
      case 'sriov':
        this.#virtual(text);
        return;
      case 'ats': {
        const enabled = /^ATSCtl:\s*Enable([+-])/.exec(text)?.[1];
        if (enabled !== undefined) this.facts.ats = enabled === '+';
        return;
      }
      case 'rebar':
        this.#resizable(text);
        return;
      default:
    }
  }

  #express(text: string): void {
    const { facts } = this;
    const supported = /^DevCap:.*MaxPayload (\d+) bytes/.exec(text)?.[1];
    if (supported !== undefined) facts.maxPayloadSupportedBytes = Number(supported);
    const sizes = /^MaxPayload (\d+) bytes, MaxReadReq (\d+) bytes/.exec(text);
    if (sizes !== null) {
      facts.maxPayloadBytes = Number(sizes[1]);
      facts.maxReadRequestBytes = Number(sizes[2]);
    }
    const control = /^RlxdOrd([+-]) ExtTag([+-])/.exec(text);
    if (control !== null) {
      facts.relaxedOrdering = control[1] === '+';
      facts.extendedTags = control[2] === '+';
    }
    const capable = /^LnkCap:.*Speed ([^,]+), Width x?(\w+)/.exec(text);
    if (capable !== null) this.#capable = linkState(capable[1] ?? '', capable[2] ?? '');
    const current = /^LnkSta:\s*Speed ([^,]+?)(?: \([^)]*\))?, Width x?(\w+)/.exec(text);
    if (current !== null) this.#current = linkState(current[1] ?? '', current[2] ?? '');
    const target = /^LnkCtl2:\s*Target Link Speed: ([\d.]+)GT\/s/.exec(text)?.[1];
    if (target !== undefined) this.#target = generationOfRate(Number(target));
    const aspm = /^LnkCtl:\s*ASPM (Disabled|(?:L0s |L1 )+Enabled)/.exec(text)?.[1];
    if (aspm !== undefined) facts.aspm = aspmStates[aspm.replace(' Enabled', '')] ?? 'off';
    // LnkCap2 says what is supported, LnkSta2 (which goes on with CrosslinkRes) what is there.
    const retimers = /\bRetimer([+-]) 2Retimers([+-]) CrosslinkRes/.exec(text);
    if (retimers !== null) facts.retimers = retimers[2] === '+' ? 2 : retimers[1] === '+' ? 1 : 0;
    const boundary = /^LnkCtl:.*RCB (64|128) bytes/.exec(text)?.[1];
    if (boundary !== undefined) facts.readCompletionBoundaryBytes = Number(boundary);
    const hotplug = /^SltCap:.*\bHotPlug([+-])/.exec(text)?.[1];
    if (hotplug !== undefined) facts.hotplug = hotplug === '+';
    const atomics = /^AtomicOpsCap:(.*)$/.exec(text)?.[1];
    if (atomics !== undefined) facts.atomics = atomics.includes('+');
    const tags = /^(?:DevCtl2:.*|.*)10BitTagReq([+-])/.exec(text)?.[1];
    // DevCap2 says `10BitTagComp+ 10BitTagReq+`, DevCtl2 `10BitTagReq+` alone: only the control says what is on.
    if (tags !== undefined && !text.includes('10BitTagComp')) facts.tenBitTags = tags === '+';
  }

  #acs(text: string): void {
    const found = /^ACS(Cap|Ctl):\s*(.*)$/.exec(text);
    if (found === null) return;
    const bits = [...(found[2] ?? '').matchAll(/(\w+)([+-])/g)]
      .filter((match) => match[2] === '+')
      .map((match) => acsNames[match[1] ?? ''])
      .filter((bit) => bit !== undefined);
    const sorted = acsBits.filter((bit) => bits.includes(bit));
    const before = this.facts.acs ?? { capability: [], control: [] };
    this.facts.acs = found[1] === 'Cap' ? { ...before, capability: sorted } : { ...before, control: sorted };
  }

  #virtual(text: string): void {
    const enabled = /^IOVCtl:\s*Enable([+-])/.exec(text)?.[1];
    if (enabled !== undefined) this.#isVfEnabled = enabled === '+';
    const counts = /Total VFs: (\d+), Number of VFs: (\d+)/.exec(text);
    if (counts !== null) {
      this.#sriov.totalVfs = Number(counts[1]);
      this.#sriov.enabledVfs = Number(counts[2]);
    }
    const places = /^VF offset: (\d+), stride: (\d+), Device ID: ([0-9a-f]{4})/i.exec(text);
    if (places !== null) {
      this.#sriov.vfOffset = Number(places[1]);
      this.#sriov.vfStride = Number(places[2]);
      this.#sriov.vfDeviceId = Number.parseInt(places[3] ?? '', 16);
    }
    this.#bar(text, this.#virtualBars);
  }

  #resizable(text: string): void {
    const found = /^BAR (\d): current size: (\d+[KMGTPE]?B?), supported: (.*)$/.exec(text);
    if (found === null) return;
    const sizes = (found[3] ?? '')
      .split(/\s+/)
      .map(parseSize)
      .filter((size) => size !== undefined);
    const [minimumBytes] = sizes;
    const maximumBytes = sizes.at(-1);
    const bytes = parseSize(found[2] ?? '');
    const at = this.#bars.findIndex((bar) => bar.index === Number(found[1]));
    const bar = this.#bars[at];
    if (bar === undefined || minimumBytes === undefined || maximumBytes === undefined) return;
    this.#bars[at] = { ...bar, ...(bytes === undefined ? {} : { bytes }), resizable: { minimumBytes, maximumBytes } };
  }
}
