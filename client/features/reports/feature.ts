import { Uri, window, workspace } from 'vscode';
import {
  command,
  Enumerate,
  Groups,
  Machines,
  Matrix,
  Path,
  type Report,
  type RequestKind,
  Show,
  type Subject,
} from '../../../server/protocol.ts';
import { documentOf } from '../../core/active-document.ts';
import { readArguments } from '../../core/arguments.ts';
import type { Feature, Host } from '../../core/feature.ts';
import { showText } from '../../core/show-text.ts';
import { endChoices } from './choices.ts';
import { stepThrough } from './discovery.ts';

/** Reports about a machine, as read-only documents whose text the server provides. */
export const reports: Feature = {
  name: 'reports',
  activate(host) {
    const open = (id: string, request: RequestKind<Subject, Report<unknown>>): void =>
      host.command(id, async (...args) => {
        const subject = await machineOf(host, args);
        if (subject !== undefined) await openReport((await host.server.request(request, subject)).report);
      });
    open(command.show, Show);
    open(command.enumerate, Enumerate);
    open(command.groups, Groups);
    open('pcie.matrix', Matrix);
    host.command('pcie.stepDiscovery', async (...args) => {
      const subject = await machineOf(host, args);
      if (subject !== undefined) await stepThrough(host, subject);
    });
    host.command('pcie.path', async (...args) => {
      const subject = await machineOf(host, args);
      if (subject === undefined) return;
      const machine = await host.server.request(Show, subject);
      const ends = endChoices(machine.data);
      const from = await window.showQuickPick(ends, {
        title: 'Path',
        placeHolder: 'From where?',
        matchOnDescription: true,
      });
      if (from === undefined) return;
      const others = ends.filter((end) => end.label !== from.label);
      const to = await window.showQuickPick(others, {
        title: `Path from ${from.label}`,
        placeHolder: 'To where?',
        matchOnDescription: true,
      });
      if (to === undefined) return;
      await openReport((await host.server.request(Path, { ...subject, from: from.label, to: to.label })).report);
    });
  },
};

/** The machine that the command names; else the only one of the document, or the one that is picked. */
async function machineOf(host: Host, args: readonly unknown[]): Promise<Subject | undefined> {
  const asked = readArguments(args);
  const uri = (await documentOf(asked.uri)).uri.toString();
  if (asked.name !== undefined) return { uri, name: asked.name };
  const machines = await host.server.request(Machines, { uri });
  if (machines.length === 0) throw new Error('This file declares no machine.');
  if (machines.length === 1) return { uri, name: machines[0]?.name ?? null };
  const name = await window.showQuickPick(
    machines.map((machine) => machine.name),
    { title: 'Machine', placeHolder: 'Which machine?' },
  );
  return name === undefined ? undefined : { uri, name };
}

async function openReport(report: string): Promise<void> {
  const document = await workspace.openTextDocument(Uri.parse(report));
  await showText(document, { preview: true });
}
