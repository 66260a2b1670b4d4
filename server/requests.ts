import { type CancellationToken, type Connection, LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import type { Operations } from './operations.ts';
import {
  ChangeDiagram,
  Check,
  Compare,
  CompareRuns,
  DiagramNodesAt,
  DiagramPlace,
  Differences,
  DiscoverySteps,
  Enumerate,
  ExportRun,
  Groups,
  Import,
  LastRun,
  Locate,
  Machines,
  Matrix,
  Path,
  type RequestKind,
  RestoreRun,
  Runs,
  Show,
  Simulate,
  UnwatchDiagram,
  Variants,
  WatchDiagram,
  WorkItems,
} from './protocol.ts';

/** Answers the custom requests of `protocol.ts`. */
export function registerRequests(connection: Connection, operations: Operations): void {
  const on = <P, R>(kind: RequestKind<P, R>, answer: (params: P, token: CancellationToken) => R | Promise<R>): void => {
    connection.onRequest(kind.method, async (params: P, token: CancellationToken): Promise<unknown> => {
      try {
        await operations.settled();
        return await answer(params, token);
      } catch (error) {
        if (error instanceof ResponseError) return error;
        console.error(error);
        return new ResponseError(LSPErrorCodes.RequestFailed, error instanceof Error ? error.message : String(error));
      }
    });
  };
  on(Simulate, (params, token) => operations.simulate(params, params.options ?? {}, params.workDoneToken, token));
  on(Compare, (params, token) =>
    operations.compare(params, params.variants ?? ['p2p', 'host'], params.options ?? {}, params.workDoneToken, token),
  );
  on(Variants, (params) => operations.variants(params));
  on(CompareRuns, (params) => operations.compareRuns(params.before, params.after));
  on(ExportRun, (params, token) => operations.exportRun(params.id, params.format, params.workDoneToken, token));
  on(LastRun, (params) => operations.lastRun(params));
  on(RestoreRun, (params) => operations.restoreRun(params.record));
  on(Runs, (params) => operations.runs(params.uri));
  on(WorkItems, (params) => operations.workItems(params.uri));
  on(Check, (params) => operations.check(params.uri));
  on(Machines, (params) => operations.machines(params.uri));
  on(Show, (params) => operations.show(params));
  on(Enumerate, (params) => operations.enumerate(params));
  on(DiscoverySteps, (params) => operations.enumerate(params, true).data);
  on(Groups, (params) => operations.groups(params));
  on(Path, (params) => operations.path(params));
  on(Matrix, (params) => operations.matrix(params));
  on(WatchDiagram, (params) => operations.diagrams.watch(params));
  on(DiagramPlace, (params) => operations.diagramPlace(params, params.node));
  on(DiagramNodesAt, (params) => operations.diagramNodesAt(params, params.at));
  connection.onNotification(UnwatchDiagram.method, ({ uri }: { uri: string }) => operations.diagrams.unwatch(uri));
  on(ChangeDiagram, (params) => operations.changeDiagram(params, params.action));
  on(Locate, (params) => operations.locate(params.uri, params.name));
  on(Import, (params) => operations.importText(params.sources));
  on(Differences, (params) => operations.differences(params.first, params.second));
}
