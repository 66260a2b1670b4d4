import type { AstNode } from 'langium';
import type { Environment } from '../../language/elaborate/environment.ts';
import type { Activity, Component, Part, Property, Subunit } from '../../language/generated/ast.ts';
import { statementsIn } from '../../language/schema/places.ts';
import type { Context } from '../../language/schema/property.ts';
import { propertyIn } from '../../language/schema/schema.ts';
import { componentKinds } from '../../model/machine.ts';
import { kindOfPart } from './part-kind.ts';

/** The contexts that the block of a syntax node may have: one, but for templates and overrides. */
export function contextsOf(node: AstNode | undefined, environment: Environment): readonly Context[] {
  switch (node?.$type) {
    case undefined:
      return [];
    case 'PcieFile':
      return ['file'];
    case 'Machine':
      return ['machine'];
    case 'Component':
      return [(node as Component).kind];
    case 'Part': {
      const kind = kindOfPart(node as Part, environment);
      return kind === undefined ? [] : [kind];
    }
    case 'Template':
      return statementsIn.Use ?? [];
    case 'Connection':
      return ['interconnect'];
    case 'Override':
      return componentKinds;
    case 'Transfer':
      return ['transfer'];
    case 'Scenario':
      return ['scenario'];
    case 'Activity':
      return [(node as Activity).kind];
    case 'Subunit':
      return [(node as Subunit).kind];
    case 'Timed':
      return contextsOf(node?.$container, environment);
    case 'Property': {
      const { key } = node as Property;
      const outer = contextsOf(node?.$container, environment);
      if (key === 'source') return outer;
      if ((key === 'firmware' || key === 'linux') && outer.includes('machine')) return [key];
      return outer
        .map((context) => propertyIn(context, key)?.body ?? null)
        .filter((body): body is Context => body !== null);
    }
    default:
      return [];
  }
}
