import { commands, type ExtensionContext, window } from 'vscode';
import { followActive } from './core/active-document.ts';
import { clientOptions } from './core/client-options.ts';
import type { Feature } from './core/feature.ts';
import { createHost } from './core/host.ts';
import { Server } from './core/server.ts';
import { addressMap } from './features/address-map/feature.ts';
import { assistant } from './features/assistant/feature.ts';
import { diagram } from './features/diagram/feature.ts';
import { examples } from './features/examples/feature.ts';
import { expectationMarks } from './features/expectation-marks/feature.ts';
import { imports } from './features/import/feature.ts';
import { languageClient } from './features/language-client/feature.ts';
import { matrix } from './features/matrix/feature.ts';
import { reports } from './features/reports/feature.ts';
import { results } from './features/results/feature.ts';
import { rulePages } from './features/rule-pages/feature.ts';
import { linkRulePage } from './features/rule-pages/link.ts';
import { serverStatus } from './features/server-status/feature.ts';
import { simulate } from './features/simulate/feature.ts';
import { statusBar } from './features/status-bar/feature.ts';
import { expectationTests } from './features/tests/feature.ts';
import { machineTree } from './features/tree/feature.ts';
import { workspaceFiles } from './features/workspace-files/feature.ts';
import { clientName, type Platform } from './platform.ts';

/** Every feature of the extension. None knows of another; they meet in the `Host`. */
const features: readonly Feature[] = [
  languageClient,
  serverStatus,
  workspaceFiles,
  simulate,
  results,
  expectationMarks,
  diagram,
  matrix,
  addressMap,
  reports,
  rulePages,
  examples,
  expectationTests,
  machineTree,
  statusBar,
  imports,
  assistant,
];

let server: Server | undefined;

/**
 * Starts the extension: every feature registers itself, then the server starts. A server that does not start leaves
 * the commands in place, of which one restarts it.
 */
export async function activateOn(context: ExtensionContext, platform: Platform): Promise<void> {
  const log = window.createOutputChannel(clientName, { log: true });
  context.subscriptions.push(log, followActive());
  const client = platform.createClient(context, clientOptions(context, platform, log, linkRulePage));
  server = new Server(client, log);
  const host = createHost(context, server, log);
  for (const feature of features) {
    log.debug(`Feature: ${feature.name}`);
    try {
      feature.activate(host);
    } catch (error) {
      // An editor may refuse what one feature needs: the others do without it.
      log.error(`The feature '${feature.name}' is not available here.`, error instanceof Error ? error : String(error));
    }
  }
  await commands.executeCommand('setContext', 'pcie.active', true);
  try {
    await server.start();
  } catch {
    // The feature `language client` has shown it and offered a restart. The extension itself is active.
  }
}

export async function deactivateAll(): Promise<void> {
  await server?.stop();
}
