import type { Origin } from '../../model/origin.ts';
import type { Component as ComponentNode, LinkTerm, Override } from '../generated/ast.ts';
import { nearestLanes, parseGeneration, parseLanes } from '../schema/link-readers.ts';
import { type ComponentDraft, say } from '../schema/property.ts';
import { originOf, type Problem } from './problem.ts';
import { type Bindings, linkTermText } from './values.ts';

/** Reads `gen5 x16` behind `link` into the draft of a component, and reports terms that are neither. */
export function readLink(
  terms: readonly LinkTerm[],
  node: ComponentNode | Override,
  draft: ComponentDraft,
  place: { readonly bindings: Bindings; readonly via: Origin | undefined; readonly problems: Problem[] },
): void {
  terms.forEach((term, index) => {
    const text = linkTermText(term, place.bindings);
    const generation = text === undefined ? undefined : parseGeneration(text);
    const width = text === undefined ? undefined : parseLanes(text);
    if (generation !== undefined) say(draft, 'generation', generation, originOf(term, place.via));
    else if (width !== undefined) say(draft, 'lanes', width, originOf(term, place.via));
    else place.problems.push(linkTermProblem(term, text, node, index));
  });
}

function linkTermProblem(
  term: LinkTerm,
  text: string | undefined,
  node: ComponentNode | Override,
  index: number,
): Problem {
  const width = /^x(\d+)$/.exec(text ?? '')?.[1];
  const at = { node, property: 'link', index };
  if (width !== undefined) {
    const fixes = nearestLanes(Number(width)).map((n) => ({ title: `Write x${n}`, text: `x${n}` }));
    return {
      code: 'link/illegal-width',
      message: `A PCIe link has 1, 2, 4, 8, 12, 16 or 32 lanes, not ${width}.`,
      ...at,
      fixes,
    };
  }
  if (/^gen\d+$/.test(text ?? '')) {
    const fixes = ['gen3', 'gen4', 'gen5'].map((g) => ({ title: `Write ${g}`, text: g }));
    return {
      code: 'link/illegal-generation',
      message: `There is no PCIe generation ${text?.slice(3)}: gen1 to gen7.`,
      ...at,
      fixes,
    };
  }
  return {
    code: 'template/unknown-parameter',
    message: `${term.text} stands for neither a generation nor a width here.`,
    ...at,
    fixes: [],
  };
}
