import { Misuse, misuseText } from '../exit.ts';
import { collected } from '../output.ts';
import { version } from '../version.ts';
import { inputOf, schemaOf, tools } from './tools.ts';

/** Versions of the Model Context Protocol whose messages are these; the newest first (modelcontextprotocol.io/specification). */
const protocolVersions: readonly string[] = ['2025-06-18', '2025-03-26', '2024-11-05'];

/** Error codes of JSON-RPC 2.0, section 5.1. */
const errors = { parse: -32700, request: -32600, method: -32601, params: -32602, internal: -32603 } as const;

interface Request {
  readonly id?: string | number;
  readonly method: string;
  readonly params: Readonly<Record<string, unknown>>;
}

class Refused extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Answers one message of a client.
 *
 * @param line a JSON-RPC message
 * @returns the answer as a line, or null where none is due
 */
export async function answerTo(line: string): Promise<string | null> {
  let id: string | number | null = null;
  try {
    const request = read(line);
    if (request.id === undefined) return null; // a notification: nothing of it changes what is answered
    id = request.id;
    return JSON.stringify({ jsonrpc: '2.0', id, result: await resultOf(request) });
  } catch (error) {
    const code = error instanceof Refused ? error.code : errors.internal;
    const message = error instanceof Error ? error.message : String(error);
    return JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } });
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function read(line: string): Request {
  let message: unknown;
  try {
    message = JSON.parse(line);
  } catch {
    throw new Refused(errors.parse, 'This is no JSON.');
  }
  const { id, method, params } = isObject(message) ? message : {};
  if (typeof method !== 'string') throw new Refused(errors.request, 'This is no request of JSON-RPC 2.0.');
  const known = typeof id === 'string' || typeof id === 'number' ? { id } : {};
  return { ...known, method, params: isObject(params) ? params : {} };
}

async function resultOf({ method, params }: Request): Promise<unknown> {
  switch (method) {
    case 'initialize': {
      const { protocolVersion: asked } = params;
      return {
        protocolVersion: protocolVersions.find((known) => known === asked) ?? protocolVersions[0],
        capabilities: { tools: {} },
        serverInfo: { name: 'pcie-topology', title: 'PCIe Topology', version },
        instructions:
          'Machines described in .pcie files: check first, then ask for paths or simulate. Nothing is changed.',
      };
    }
    case 'ping':
      return {};
    case 'tools/list':
      return {
        tools: tools.map((tool) => ({
          name: tool.name,
          title: tool.title,
          description: tool.description,
          inputSchema: schemaOf(tool),
          annotations: { readOnlyHint: true, openWorldHint: false },
        })),
      };
    case 'tools/call':
      return call(params);
    default:
      throw new Refused(errors.method, `There is no method '${method}'.`);
  }
}

/** What goes wrong within a tool is an answer, which an assistant reads and learns from. */
async function call({ name, arguments: given }: Request['params']): Promise<unknown> {
  const tool = tools.find((one) => one.name === name);
  if (tool === undefined) {
    const all = tools.map((one) => one.name).join(', ');
    throw new Refused(errors.params, `There is no tool '${String(name)}': ${all}.`);
  }
  try {
    const input = inputOf(tool, isObject(given) ? given : {});
    const text = await collected(() => tool.run(input));
    return { content: [{ type: 'text', text }], isError: false };
  } catch (error) {
    if (!(error instanceof Misuse)) throw error;
    return { content: [{ type: 'text', text: misuseText(error).replace(/^pcie: /, '') }], isError: true };
  }
}
