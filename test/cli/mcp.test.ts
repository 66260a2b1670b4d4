import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { folderWith, program } from './pcie.ts';

const machine = `machine m {
  socket cpu0 {
    memory 64 GiB
    root-port rp[0..1] gen4 x16 { gpu gpu[0..1] { link gen4 x16 } }
  }
}
transfer copy from gpu0 to cpu0.memory {
  size 1 GiB
  expect bandwidth > 1 TB/s
}
`;

/** What the server answers to these lines, by the order of its answers. */
async function talk(...lines: readonly string[]): Promise<readonly Record<string, unknown>[]> {
  const folder = folderWith({ 'm.pcie': machine, 'secret.txt': 'x' });
  const child = spawn(process.execPath, [await program(), 'mcp'], { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    out += chunk;
  });
  child.stdin.end(lines.map((line) => `${line}\n`).join(''));
  const code = await new Promise((done) => child.on('close', done));
  expect(code).toBe(0);
  return out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

const request = (id: number, method: string, params: object = {}): string =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params });
const call = (id: number, name: string, given: object): string => request(id, 'tools/call', { name, arguments: given });

test('an assistant learns what there is, and asks', async () => {
  const [hello, list, ...answers] = await talk(
    request(1, 'initialize', {
      protocolVersion: '2024-11-05',
      capabilities: {},
      clientInfo: { name: 't', version: '1' },
    }),
    JSON.stringify({ jsonrpc: '2.0', method: 'notifications/initialized' }),
    request(2, 'tools/list'),
    call(3, 'check', { file: 'm.pcie' }),
    call(4, 'path', { file: 'm.pcie', from: 'gpu0', to: 'gpu1' }),
    call(5, 'simulate', { file: 'm.pcie', work: 'copy' }),
    call(6, 'matrix', { file: 'm.pcie', show: 'bandwidth' }),
    call(7, 'show', { file: 'm.pcie', machine: 'm' }),
    call(8, 'groups', { file: 'm.pcie' }),
  );
  expect(hello).toMatchObject({ id: 1, result: { protocolVersion: '2024-11-05', capabilities: { tools: {} } } });
  const tools =
    (list?.result as { tools: { name: string; inputSchema: { type: string; required: string[] } }[] } | undefined)
      ?.tools ?? [];
  expect(tools.map(({ name }) => name)).toEqual(['check', 'show', 'path', 'matrix', 'groups', 'simulate']);
  for (const { inputSchema } of tools)
    expect(inputSchema).toMatchObject({ type: 'object', additionalProperties: false });
  const texts = answers.map(({ result }) => {
    const { content, isError } = result as { content: { type: string; text: string }[]; isError: boolean };
    expect(isError).toBe(false);
    return content[0]?.text ?? '';
  });
  const [check, path, simulate, matrix, show, groups] = texts;
  expect(check).toMatch(
    /m\.pcie:9:3: error: bandwidth is 26 GB\/s, expected > 1 TB\/s\. .*\(work\/expectation-failed\)/,
  );
  expect(path).toMatch(/class \w+, mapping/);
  expect(simulate).toMatch(/copy: \d+.*FAIL: expect bandwidth > 1 TB\/s/s);
  expect(matrix).toContain('GB/s');
  expect(show).toContain('gpu1');
  expect(groups).toMatch(/0000:/);
}, 60_000);

test('what is wrong is said so that it can be put right', async () => {
  const answers = await talk(
    call(1, 'path', { file: 'm.pcie', from: 'gpu7', to: 'gpu1' }),
    call(2, 'path', { file: 'm.pcie', from: 'gpu0' }),
    call(3, 'check', { file: 'secret.txt' }),
    call(4, 'check', { file: 'nothing.pcie' }),
    call(5, 'simulate', { file: 'm.pcie', fidelity: 'perfect' }),
    call(6, 'simulate', { file: 'm.pcie', deep: 'yes' }),
    call(7, 'destroy', {}),
    request(8, 'resources/list'),
    '{',
    '[]',
  );
  const said = answers.map(({ result, error }) => {
    const { content, isError } = (result ?? {}) as { content?: { text: string }[]; isError?: boolean };
    return isError === true ? content?.[0]?.text : (error as { code: number; message: string }).code;
  });
  expect(said).toEqual([
    "error: There is nothing called 'gpu7' in m.",
    "error: path needs 'to'.",
    "error: 'secret.txt' is no .pcie file.",
    'nothing.pcie:1:1: error: The file cannot be read: there is no such file. (input/unreadable)',
    "error: 'fidelity' is ideal, flow, packet; not 'perfect'.",
    "error: simulate takes no 'deep': file, machine, work, fidelity.",
    -32602,
    -32601,
    -32700,
    -32600,
  ]);
}, 60_000);
