import type { ComponentKind } from '../../model/machine.ts';
import { endpointKinds } from './kinds.ts';
import type { Context } from './property.ts';

const endpoints = endpointKinds;
const belowAPort: readonly ComponentKind[] = ['switch', 'bridge', ...endpoints];

/** Which components may stand in which. */
export const componentsIn: Readonly<Partial<Record<Context, readonly ComponentKind[]>>> = {
  machine: ['socket', 'nvswitch'],
  socket: ['root-port', 'chipset', 'bridge', ...endpoints],
  chipset: ['root-port', ...endpoints],
  'root-port': belowAPort,
  port: belowAPort,
  switch: ['port'],
  bridge: ['bridge', ...endpoints],
};

/** Statements that are neither components nor properties, by the contexts in which they may stand. */
export const statementsIn: Readonly<Record<string, readonly Context[]>> = {
  Import: ['file'],
  Part: ['file'],
  Template: ['file'],
  Machine: ['file'],
  Scenario: ['file'],
  Transfer: ['file', 'scenario', 'pipeline'],
  Activity: ['scenario', 'process', 'context', 'pipeline', 'file'],
  Timed: ['scenario'],
  Record: ['stream'],
  Wait: ['stream'],
  Expectation: ['file', 'machine', 'transfer', 'scenario', 'process', 'job', 'pipeline', 'collective', 'stage'],
  Allow: [
    'machine',
    'socket',
    'chipset',
    'root-port',
    'switch',
    'port',
    'bridge',
    ...endpoints,
    'transfer',
    'scenario',
  ],
  Connection: ['machine'],
  Override: ['machine'],
  Subunit: ['machine', 'switch', 'nvme', 'gpu', 'device'],
  Use: ['machine', 'socket', 'chipset', 'root-port', 'switch', 'port', 'bridge', 'scenario'],
};

/** Kinds of activity, by what they may stand in. */
export const activitiesIn: Readonly<Record<string, readonly Context[]>> = {
  process: ['scenario'],
  context: ['process'],
  stream: ['process', 'context'],
  job: ['file', 'scenario'],
  pipeline: ['file', 'scenario'],
  stage: ['pipeline'],
  collective: ['file', 'scenario'],
};

/** Kinds of subunit, by what they may stand in. */
export const subunitsIn: Readonly<Record<string, readonly Context[]>> = {
  namespace: ['nvme'],
  mig: ['gpu'],
  partition: ['switch'],
  vm: ['machine'],
};

/** Blocks that are written like properties, by the contexts in which they may stand. */
export const blocksIn: Readonly<Record<string, readonly Context[]>> = {
  firmware: ['machine'],
  linux: ['machine'],
};
