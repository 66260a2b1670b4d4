import { LanguageModelTextPart, LanguageModelToolResult, lm, type Uri, workspace } from 'vscode';
import { Check, Machines, Matrix, Path, Show, Simulate } from '../../../server/protocol.ts';
import type { Feature, Host } from '../../core/feature.ts';
import { machineFiles } from '../../core/machine-files.ts';

/** What every tool is given; the manifest says which of it each takes. */
interface ToolInput {
  /** A `.pcie` file of the workspace, by its path there. */
  readonly file?: string;
  readonly machine?: string;
  readonly from?: string;
  readonly to?: string;
  /** A transfer or a scenario. */
  readonly work?: string;
}

type Answer = (host: Host, uri: string, input: ToolInput) => Promise<unknown>;

const needed = (value: string | undefined, what: string): string => {
  if (value === undefined || value === '') throw new Error(`${what} is missing.`);
  return value;
};

/** Tools by their names in the manifest. */
const answers: Readonly<Record<string, Answer>> = {
  pcie_check: async (host, uri) =>
    (await host.server.request(Check, { uri })).findings
      .map(({ range, ...finding }) => ({ line: range.start.line + 1, ...finding }))
      .sort((one, other) => one.line - other.line),
  pcie_show: async (host, uri, { machine }) => (await host.server.request(Show, { uri, name: machine ?? null })).data,
  pcie_path: async (host, uri, { machine, from, to }) => {
    const ends = { from: needed(from, 'from'), to: needed(to, 'to') };
    return (await host.server.request(Path, { uri, name: machine ?? null, ...ends })).data;
  },
  pcie_matrix: async (host, uri, { machine }) =>
    (await host.server.request(Matrix, { uri, name: machine ?? null })).text,
  pcie_simulate: async (host, uri, { work }) => {
    const record = await host.server.request(Simulate, { uri, name: work ?? null });
    host.runs.add(record, 'unasked');
    return record.variants.map(({ result }) =>
      result.runs.map(({ name, makespanSeconds, transfers, expectations }) => ({
        name,
        makespanSeconds,
        transfers,
        expectations: expectations.map(({ text, passed, message }) => ({ text, passed, message })),
      })),
    );
  },
};

/** Tools for assistants: they check, show, ask for paths and simulate, and change nothing. */
export const assistant: Feature = {
  name: 'assistant',
  activate(host) {
    // Editors without language models have none of this.
    if (typeof lm?.registerTool !== 'function') return;
    for (const [name, answer] of Object.entries(answers)) {
      host.own(
        lm.registerTool<ToolInput>(name, {
          invoke: async ({ input }) => {
            const uri = await documentOf(host, input.file);
            const data = await answer(host, uri, input);
            const text = typeof data === 'string' ? data : JSON.stringify(data, null, 1);
            return new LanguageModelToolResult([new LanguageModelTextPart(text)]);
          },
        }),
      );
    }
  },
};

/** More are not searched, and not named. */
const mostFiles = 2000;
const mostNamed = 20;

/**
 * The URI of a file of the workspace, by its path there or the end of it; none is needed where there is only one. Throws for
 * one that is not there, with those that are.
 */
async function documentOf(host: Host, file: string | undefined): Promise<string> {
  const all = await machineFiles(mostFiles);
  const path = (uri: Uri) => workspace.asRelativePath(uri);
  const wanted = (file ?? '').replace(/^\.?\//, '');
  const exact = all.filter((uri) => path(uri) === wanted || uri.path === file || uri.toString() === file);
  const found = exact.length > 0 ? exact : all.filter((uri) => wanted === '' || `/${path(uri)}`.endsWith(`/${wanted}`));
  const [first] = found;
  if (first === undefined || found.length > 1) {
    const named = (found.length > 1 ? found : all).slice(0, mostNamed).map(path);
    throw new Error(`Say which file: ${named.join(', ') || 'there is none'}.`);
  }
  await workspace.openTextDocument(first);
  // The server has read the file when it knows its machines.
  await host.server.request(Machines, { uri: first.toString() });
  return first.toString();
}
