import type { AstNode } from 'langium';
import type { Machine } from '../../model/machine.ts';
import type { Scenario, Transfer, Work } from '../../model/work.ts';
import type { Machine as MachineNode } from '../generated/ast.ts';
import type { NameIndex } from './names.ts';
import type { Problem } from './problem.ts';

/** A machine of a file with everything that belongs to it: its names, its work, and the way back to the text. */
export interface ElaboratedMachine {
  readonly node: MachineNode;
  readonly machine: Machine;
  readonly names: NameIndex;
  readonly work: Work;
  /** The statement that each component comes from, by id. */
  readonly nodes: readonly AstNode[];
  /** The components that a statement became: several for an array or a template. */
  readonly componentsOf: ReadonlyMap<AstNode, readonly number[]>;
  /** The transfers that a statement became. */
  readonly transfersOf: ReadonlyMap<AstNode, readonly Transfer[]>;
  readonly scenarioOf: ReadonlyMap<AstNode, Scenario>;
  readonly problems: readonly Problem[];
}

/** A file, elaborated: its own machines, and imported machines for which it has work. */
export interface Elaboration {
  readonly machines: readonly ElaboratedMachine[];
  /** The machine that a top-level statement is about: itself, or the one that a piece of work names. */
  readonly machineOf: ReadonlyMap<AstNode, ElaboratedMachine>;
  /** Everything that is wrong in this file, in the order of the text. */
  readonly problems: readonly Problem[];
}
