import { CompletionItemKind } from 'vscode-languageserver';
import { legalLanes } from '../../language/schema/link-readers.ts';
import type { PropertySchema } from '../../language/schema/property.ts';
import { propertyIn } from '../../language/schema/schema.ts';
import { generations } from '../../model/link/generation.ts';
import { type Dimension, formatBytes, usualUnits } from '../../model/quantity.ts';
import { generationMarkdown } from '../docs/markdown.ts';
import { anyComponent, componentProposals, parameterProposals } from './names.ts';
import type { CompletionRequest, Proposal } from './request.ts';
import { expectedAfter, readValues, shapeOf, type Terminal, type WrittenValue } from './shape.ts';

/** What a property is about to be given. */
export function propertyValueProposals(request: CompletionRequest, key: string): Proposal[] {
  const schema = request.contexts.map((context) => propertyIn(context, key)).find((found) => found !== undefined);
  if (schema === undefined) return [];
  const values = readValues(request.tokens.slice(1));
  return [...parameterProposals(request), ...valueProposals(request, schema, values)];
}

function valueProposals(
  request: CompletionRequest,
  schema: PropertySchema,
  values: readonly WrittenValue[],
): Proposal[] {
  const shape = shapeOf(schema.shape);
  const last = values.at(-1);
  const bare = last?.tokens.length === 1 && last.tokens[0]?.tokenType.name === 'NUMBER';
  if (bare && request.partial === '') {
    const units = expectedAfter(shape, values.slice(0, -1)).flatMap((terminal) =>
      terminal.kind === 'quantity' ? unitProposals(terminal.dimension) : [],
    );
    if (units.length > 0) return units;
  }
  if (bare && /^[A-Za-z%]/.test(request.partial)) {
    const unit = expectedAfter(shape, values.slice(0, -1)).find((terminal) => terminal.kind === 'quantity');
    if (unit?.kind === 'quantity') return unitProposals(unit.dimension);
  }
  const proposals = expectedAfter(shape, values).flatMap((terminal) => terminalProposals(request, schema, terminal));
  if (values.length === 0) {
    for (const offer of schema.offers) proposals.push(word(offer, 12));
    if (schema.field !== null) {
      proposals.push({ ...word('unknown', 60), detail: 'The value is not public: tools say which default they take.' });
    }
  }
  const seen = new Set<string>();
  return proposals.filter((proposal) => !seen.has(proposal.label) && seen.add(proposal.label));
}

const word = (label: string, rank: number): Proposal => ({ label, kind: CompletionItemKind.EnumMember, rank });

function terminalProposals(request: CompletionRequest, schema: PropertySchema, terminal: Terminal): Proposal[] {
  switch (terminal.kind) {
    case 'word':
      return [word(terminal.word, 10)];
    case 'generation':
      return generationProposals();
    case 'lanes':
      return laneProposals();
    case 'quantity':
      return quantityProposals(request, schema, terminal.dimension);
    case 'range':
      return [example(schema, /[^\s]+(?: [A-Za-z]+)?\.\.[^\s]+(?: [A-Za-z]+)?/)];
    case 'number':
      return schema.offers.length > 0 ? [] : [example(schema, /\b\d+\b/)];
    case 'hex':
      return [example(schema, /0x[0-9a-f]+/i)];
    case 'id':
      return [example(schema, /[0-9a-f]{4}:[0-9a-f]{4}/i)];
    case 'text':
    case 'name':
      return [example(schema, /.*/)];
    case 'reference':
      return componentProposals(request, anyComponent, false);
    default:
      return [];
  }
}

/** A value like the one in the schema's example. */
function example(schema: PropertySchema, like: RegExp): Proposal {
  const values = schema.example.slice(schema.name.length).trim();
  const label = like.exec(values)?.[0] ?? values;
  return { label, kind: CompletionItemKind.Value, detail: 'for example', rank: 30 };
}

function quantityProposals(request: CompletionRequest, schema: PropertySchema, dimension: Dimension): Proposal[] {
  if (dimension === 'bytes' && (schema.name === 'bar' || schema.name === 'rom'))
    return barSizeProposals(schema.name === 'rom');
  if (/^\d+(?:\.\d+)?$/.test(request.partial)) {
    return usualUnits[dimension].map((unit, index) => ({
      label: `${request.partial} ${unit}`,
      kind: CompletionItemKind.Unit,
      rank: 10 + index,
    }));
  }
  return [example(schema, /\d[\d.]* [A-Za-z/%]+/)];
}

/** Units for a number that stands there already. */
export function unitProposals(dimension: Dimension): Proposal[] {
  return usualUnits[dimension].map((unit, index) => ({ label: unit, kind: CompletionItemKind.Unit, rank: 10 + index }));
}

/** The legal sizes: powers of two; a BAR from 16 B (memory) up to 512 GiB, a ROM from 2 KiB up to 16 MiB. */
function barSizeProposals(rom: boolean): Proposal[] {
  // PCIe Base 6.0, sections 7.5.1.2.1 (BARs) and 7.5.1.2.4 (expansion ROM: 2 KiB to 16 MiB).
  const [from, to] = rom ? [11, 24] : [7, 39];
  const proposals: Proposal[] = [];
  for (let power = from; power <= to; power++) {
    proposals.push({
      label: formatBytes(2 ** power),
      kind: CompletionItemKind.Value,
      detail: `2^${power} bytes`,
      rank: 10 + power,
    });
  }
  return proposals;
}

export function generationProposals(): Proposal[] {
  return generations.map((generation) => ({
    label: `gen${generation}`,
    kind: CompletionItemKind.EnumMember,
    documentation: generationMarkdown(generation),
    rank: 10 + generation,
  }));
}

export function laneProposals(): Proposal[] {
  return legalLanes.map((lanes, index) => ({
    label: `x${lanes}`,
    kind: CompletionItemKind.EnumMember,
    detail: `${lanes} lane${lanes === 1 ? '' : 's'}`,
    rank: 20 + index,
  }));
}
