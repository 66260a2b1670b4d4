import { type LangiumDocument, type LangiumDocuments, URI } from 'langium';
import type { Component, Machine } from '../../model/machine.ts';
import type { Origin } from '../../model/origin.ts';
import type { NodePlace } from '../protocol.ts';
import { rangeOf } from '../text/ranges.ts';
import { diagramNames } from './names.ts';

interface Span {
  readonly offset: number;
  readonly end: number;
}

const contains = (outer: Span, inner: Span): boolean => outer.offset <= inner.offset && inner.end <= outer.end;

/** Where a node of the picture comes from; null where there is none of that name. */
export function placeOfNode(
  machine: Machine,
  name: string,
  document: LangiumDocument,
  documents: LangiumDocuments,
): NodePlace | null {
  const component = machine.components[diagramNames(machine).indexOf(name)];
  if (component === undefined) return null;
  const { origin } = component;
  const target = documents.getDocument(URI.parse(origin.uri));
  const zero = { line: 0, character: 0 };
  const range = target === undefined ? { start: zero, end: zero } : rangeOf(target, origin);
  const used = usedAt(component, document.uri.toString());
  return { place: { uri: origin.uri, range }, usedAt: used === null ? null : rangeOf(document, used) };
}

/** Where a file itself speaks of what a template or another file brought in. */
function usedAt({ origin }: Component, uri: string): Origin | null {
  for (let at = origin.via; at !== undefined; at = at.via) if (at.uri === uri) return at;
  return null;
}

/** The nodes of the innermost statement around a span of a file: several for an array, or for what a template brings. */
export function nodesAround(machine: Machine, uri: string, span: Span): readonly string[] {
  return namesOf(
    machine,
    innermost(machine.components, ({ origin }) => (origin.uri === uri && contains(origin, span) ? origin : null)),
  );
}

/**
 * The nodes of the innermost statement around a place; for the use of a template in the file of the machine what stands
 * directly in it.
 *
 * @param own the document of the machine
 */
export function nodesAt(machine: Machine, own: string, uri: string, offset: number): readonly string[] {
  const at = { offset, end: offset };
  const found = innermost(machine.components, (component) => {
    if (component.origin.uri === uri && contains(component.origin, at)) return component.origin;
    const used = own === uri ? usedAt(component, own) : null;
    return used !== null && contains(used, at) ? used : null;
  });
  const ids = new Set(found.map(({ id }) => id));
  return namesOf(
    machine,
    found.filter(({ parent }) => parent === null || !ids.has(parent)),
  );
}

/** @param spanOf what of a component's text is around the place that is looked for; null: nothing */
function innermost(components: readonly Component[], spanOf: (component: Component) => Span | null): Component[] {
  let best: Component[] = [];
  let around: Span | null = null;
  for (const component of components) {
    const span = spanOf(component);
    if (span === null) continue;
    if (around !== null && span.offset === around.offset && span.end === around.end) best.push(component);
    else if (around === null || contains(around, span)) {
      best = [component];
      around = span;
    }
  }
  return best;
}

const namesOf = (machine: Machine, components: readonly Component[]): readonly string[] =>
  components.map(({ id }) => diagramNames(machine)[id] ?? '');
