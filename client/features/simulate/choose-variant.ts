import { window } from 'vscode';
import { type RunVariant, type Subject, Variants } from '../../../server/protocol.ts';
import type { Host } from '../../core/feature.ts';

/** Lets the person choose what a subject is compared with; undefined: nothing was chosen. */
export async function chooseVariant(
  host: Host,
  subject: Subject,
): Promise<readonly [before: RunVariant, after: RunVariant] | undefined> {
  const choices = await host.server.request(Variants, subject);
  const items = choices
    .filter(({ variant }) => variant !== 'written')
    .map(({ variant, label, description }) => ({ label, description, variant }));
  const picked = await window.showQuickPick(items, {
    title: `Compare ${subject.name ?? 'all work'} as written with…`,
    placeHolder: 'What should be different?',
    matchOnDescription: true,
  });
  return picked === undefined ? undefined : ['written', picked.variant];
}
