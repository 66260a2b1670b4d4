import { DocumentState } from 'langium';
import { startLanguageServer } from 'langium/lsp';
import {
  CodeLensRefreshRequest,
  type Connection,
  type InitializeParams,
  InlayHintRefreshRequest,
  TextDocumentContentRefreshRequest,
} from 'vscode-languageserver';
import type { Elaborations } from '../language/services/elaborations.ts';
import { catalogueScheme } from '../language/services/imports.ts';
import type { PcieValidator } from '../language/services/validator.ts';
import type { ClientFiles } from './files.ts';
import type { AddNames } from './imports.ts';
import { addSelectionRangeHandler } from './language-server.ts';
import { LateFindings } from './late-findings.ts';
import { createServerServices, type ServerServices, type ServerSharedServices } from './module.ts';
import { type InitializationOptions, type RunRecord, RunsChanged, type Settings } from './protocol.ts';
import { registerRequests } from './requests.ts';
import type { WorkerPort } from './runs/messages.ts';
import { localWorker } from './runs/ports.local.ts';
import { Runner, type StartWorker } from './runs/runner.ts';
import { PcieConfiguration } from './settings.ts';

/** What differs between Node and the browser. */
export interface Host {
  readonly connection: Connection;
  readonly files: ClientFiles;
  /** Starts the simulator; `url` comes from the client and may be absent. */
  readonly startWorker: (url: string | undefined) => WorkerPort | Promise<WorkerPort>;
  /** Names for devices of imported machines; absent where the host has no list of them. */
  readonly addNames?: AddNames;
}

/** Starts the language server on a connection; returns its services for tests. */
export function startServer(host: Host): ServerSharedServices {
  const { connection } = host;
  let given: InitializationOptions = {};
  let capabilities: InitializeParams['capabilities'] = {};
  const startWorker = async () => {
    try {
      const worker = await host.startWorker(given.workerUrl);
      shared.Status.trouble('worker', null);
      return worker;
    } catch (error) {
      console.error('The simulator worker does not start:', error);
      shared.Status.trouble('worker', 'Simulations run in the server itself: its worker does not start.');
      return localWorker();
    }
  };
  const { shared, pcie } = createServerServices({ connection, fileSystemProvider: () => host.files, startWorker });
  shared.lsp.LanguageServer.onInitialize((params) => {
    given = readOptions(params.initializationOptions);
    capabilities = params.capabilities;
    host.files.served = given.files ?? false;
    shared.RulePages.set(given.docsUrl ?? null);
    shared.RuleSettings.pageOf = (code) => shared.RulePages.urlOf(code);
    shared.Operations.views = given.views ?? false;
    if (host.addNames !== undefined) shared.Operations.addNames = host.addNames;
    shared.Operations.settled = () => settled(shared);
  });
  registerRequests(connection, shared.Operations);
  addSelectionRangeHandler(connection, shared);
  keepRunsFresh(connection, shared, pcie.Elaborations, () => capabilities);
  followSettings(connection, shared, () => capabilities);
  bringCosts(connection, shared, pcie, startWorker);
  followPictures(shared);
  reportStatus(shared);
  startLanguageServer(shared, { CodeActionProvider: DocumentState.Validated });
  return shared;
}

/** Resolves when the workspace is read and everything that the client has said of its documents is built. */
async function settled(shared: ServerSharedServices): Promise<void> {
  await shared.workspace.WorkspaceManager.ready;
  // Reads wait for the writes before them.
  await shared.workspace.WorkspaceLock.read(() => undefined);
}

/** The client's options, as far as they are what they should be. */
function readOptions(raw: unknown): InitializationOptions {
  if (typeof raw !== 'object' || raw === null) return {};
  const { views, files, workerUrl, docsUrl } = raw as Record<string, unknown>;
  return {
    ...(typeof views === 'boolean' ? { views } : {}),
    ...(typeof files === 'boolean' ? { files } : {}),
    ...(typeof workerUrl === 'string' ? { workerUrl } : {}),
    ...(typeof docsUrl === 'string' ? { docsUrl } : {}),
  };
}

/** Pictures follow the text before the rules look at it, and again with what they say. */
function followPictures(shared: ServerSharedServices): void {
  const { DocumentBuilder: builder } = shared.workspace;
  const refresh = () => shared.Operations.diagrams.refresh();
  builder.onBuildPhase(DocumentState.IndexedContent, refresh);
  builder.onBuildPhase(DocumentState.Validated, refresh);
  shared.Runs.onChanged(refresh);
}

type Capabilities = () => InitializeParams['capabilities'];

/** A refresh is a request of the server; a client that is going away may not answer it. */
function ask(connection: Connection, method: string, params?: unknown): void {
  connection.sendRequest(method, params).catch((error: unknown) => console.warn(`${method} was not answered:`, error));
}

/** Marks runs stale when their text changes, and tells the client what changed. */
function keepRunsFresh(
  connection: Connection,
  shared: ServerSharedServices,
  elaborations: Elaborations,
  capabilities: Capabilities,
): void {
  shared.workspace.DocumentBuilder.onBuildPhase(DocumentState.Validated, () => shared.Runs.refresh());
  shared.workspace.TextDocuments.onDidClose(({ document }) => shared.Runs.store.forget(document.uri));
  shared.workspace.DocumentBuilder.onUpdate((_changed, deleted) => {
    for (const uri of deleted) {
      shared.Runs.store.forget(uri.toString());
      elaborations.delete(uri.toString());
    }
  });
  shared.Runs.onChanged((records) => {
    const byUri = new Map<string, RunRecord[]>();
    for (const record of records) byUri.set(record.uri, [...(byUri.get(record.uri) ?? []), record]);
    for (const [uri, runs] of byUri) {
      const changed = runs.map(({ name, stale }) => ({ name, stale }));
      if (shared.Operations.views) void connection.sendNotification(RunsChanged.method, { uri, runs: changed });
    }
    const { workspace } = capabilities();
    if (workspace?.codeLens?.refreshSupport) ask(connection, CodeLensRefreshRequest.method);
    if (workspace?.textDocumentContent === undefined) return;
    for (const record of records) ask(connection, TextDocumentContentRefreshRequest.method, { uri: record.report });
  });
}

/** Costs and runs come after the first diagnostics, from a worker of their own: a long run does not hold them up. */
function bringCosts(
  connection: Connection,
  shared: ServerSharedServices,
  pcie: ServerServices,
  startWorker: StartWorker,
): void {
  shared.RuleSettings.simulates = false;
  const provider = shared.workspace.ConfigurationProvider as PcieConfiguration;
  const late = new LateFindings(
    connection,
    pcie.validation.DocumentValidator as PcieValidator,
    new Runner(startWorker),
    () => provider.current,
    () => shared.RuleSettings.levels,
    () => shared.Operations.diagrams.refresh(),
  );
  shared.RuleSettings.costOf = (price) => late.costOf(price);
  shared.workspace.DocumentBuilder.onDocumentPhase(DocumentState.Validated, async (document) => {
    // Only what somebody looks at.
    if (shared.workspace.TextDocuments.get(document.uri) !== undefined) late.schedule(document);
  });
  shared.workspace.TextDocuments.onDidClose(({ document }) => late.forget(document.uri));
  shared.Operations.costsKnown = (uri) => late.settled(uri);
}

/** Lets a change of the settings be seen at once. */
function followSettings(connection: Connection, shared: ServerSharedServices, capabilities: Capabilities): void {
  const provider = shared.workspace.ConfigurationProvider;
  if (!(provider instanceof PcieConfiguration)) return;
  let before: Settings = provider.current;
  provider.onSettings(({ settings, problems }) => {
    shared.Status.trouble('settings', problems.length === 0 ? null : problems.join(' '));
    const changed = (key: keyof Settings) => JSON.stringify(settings[key]) !== JSON.stringify(before[key]);
    const { workspace } = capabilities();
    if (changed('lenses') && workspace?.codeLens?.refreshSupport) ask(connection, CodeLensRefreshRequest.method);
    if ((changed('hints') || changed('simulation')) && workspace?.inlayHint?.refreshSupport) {
      ask(connection, InlayHintRefreshRequest.method);
    }
    const rules = changed('rules');
    before = settings;
    shared.RuleSettings.levels = settings.rules;
    if (rules) revalidate(shared);
    if (changed('simulation')) shared.Operations.diagrams.refresh();
  });
}

/** Runs all checks again; elaboration is kept. */
function revalidate(shared: ServerSharedServices): void {
  const {
    DocumentBuilder: builder,
    LangiumDocuments: documents,
    WorkspaceLock: lock,
    WorkspaceManager: manager,
  } = shared.workspace;
  manager.ready
    .then(() =>
      lock.write(async (token) => {
        const own = documents.all.filter((document) => document.uri.scheme !== catalogueScheme).toArray();
        for (const document of own) builder.resetToState(document, DocumentState.IndexedReferences);
        await builder.build(own, { validation: true }, token);
      }),
    )
    .catch((error: unknown) => console.error('The files could not be checked again:', error));
}

function reportStatus(shared: ServerSharedServices): void {
  const say = () => {
    const { LangiumDocuments: documents } = shared.workspace;
    const files = documents.all.filter((document) => document.uri.scheme !== catalogueScheme).count();
    shared.Status.activity(shared.Runs.running > 0 ? 'running' : 'idle', files);
  };
  shared.workspace.WorkspaceManager.ready.then(say, (error: unknown) => {
    console.error(error);
    shared.Status.trouble('workspace', 'The workspace could not be read.');
  });
  shared.workspace.DocumentBuilder.onBuildPhase(DocumentState.Validated, say);
  shared.Runs.onRunning(say);
}
