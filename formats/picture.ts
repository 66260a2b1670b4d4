import { linkLabel } from '../model/link/generation.ts';
import type { Component, Connection, Link, Machine } from '../model/machine.ts';
import { formatRate } from '../model/quantity.ts';

/** What every picture of a machine says in words. */

/** Second line of a box: the part, or the kind. */
export function subtitle(component: Component): string {
  const [part] = component.parts;
  return part === undefined ? component.kind : `${component.kind} ${part}`;
}

/** The link between a component and what it hangs off, or null. */
export function linkOf(machine: Machine, component: Component): Link | null {
  return machine.links[machine.linkAbove[component.id] ?? -1] ?? null;
}

/** `Gen4 x16`, and behind it what it could be where it runs below that. */
export function linkText(link: Link): string {
  const now = linkLabel(link.trained);
  return isBelowCapable(link) ? `${now} of ${linkLabel(link.capable)}` : now;
}

/** True for a link that runs slower or narrower than both ends can. */
export function isBelowCapable({ trained, capable }: Link): boolean {
  return trained.generation < capable.generation || trained.lanes < capable.lanes;
}

/** `nvlink x4, 100 GB/s` */
export function connectionText({ technology, links, bytesPerSecond }: Connection): string {
  const count = links > 1 ? ` x${links}` : '';
  return `${technology}${count}${bytesPerSecond === null ? '' : `, ${formatRate(bytesPerSecond)}`}`;
}

/** Roots of the tree, then depth first. */
export function rootsOf(machine: Machine): readonly Component[] {
  return machine.components.filter((component) => component.parent === null);
}
