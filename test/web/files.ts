import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';

const anyone = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET, PUT, POST, DELETE, PATCH',
  'Access-Control-Allow-Headers': '*',
};
/** What the workbench calls the folder. */
const name = '/machines';
/** `FileType` of VS Code. */
const typeOf = (isFolder: boolean) => (isFolder ? 2 : 1);

/**
 * Serves a folder to the virtual file system of the walks, to this machine alone.
 * @returns what the workbench calls the folder, the URI that it opens, and how to end it
 */
export async function serveFiles(
  folder: string,
): Promise<{ readonly name: string; readonly uri: string; readonly stop: () => void }> {
  const listeners = new Set<ServerResponse>();
  let before = stamps(folder);
  // Asked again and again: of what is written at once the system's own watch tells only a part.
  const watching = setInterval(() => {
    const now = stamps(folder);
    const paths = [...new Set([...before.keys(), ...now.keys()])];
    for (const path of paths.filter((one) => before.get(one) !== now.get(one))) {
      const type = !now.has(path) ? 'Deleted' : before.has(path) ? 'Changed' : 'Created';
      for (const response of listeners) response.write(`data: ${JSON.stringify({ type, path })}\n\n`);
    }
    before = now;
  }, 250);
  const server = createServer((request, response) => {
    answer(folder, request, response, listeners).catch((error: unknown) => {
      response.writeHead(error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 404 : 500, anyone);
      response.end(String(error));
    });
  });
  // A connection that ends while it is used again fails what is asked.
  server.keepAliveTimeout = 600_000;
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the files have no port');
  return {
    name,
    uri: `walk://127.0.0.1:${address.port}${name}`,
    stop: () => {
      clearInterval(watching);
      server.closeAllConnections();
      server.close();
    },
  };
}

/** When each file and folder was changed last, by its path in the workbench. */
function stamps(folder: string): Map<string, string> {
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return new Map(
    paths.flatMap((path) => {
      const found = statSync(join(folder, path), { throwIfNoEntry: false });
      return found === undefined ? [] : [[`${name}/${path}`, `${found.mtimeMs} ${found.isFile() ? found.size : ''}`]];
    }),
  );
}

async function answer(
  folder: string,
  request: IncomingMessage,
  response: ServerResponse,
  listeners: Set<ServerResponse>,
): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
  const place = (at: string) => join(folder, at.slice(name.length));
  const path = place(decodeURIComponent(pathname));
  const what = searchParams.get('what');
  const end = (body: string | Buffer = '') => response.writeHead(200, anyone).end(body);
  if (request.method === 'PUT') {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    writeFileSync(path, Buffer.concat(parts));
  } else if (request.method === 'POST') mkdirSync(path, { recursive: true });
  else if (request.method === 'DELETE') rmSync(path, { recursive: true });
  else if (request.method === 'PATCH') renameSync(path, place(searchParams.get('to') ?? ''));
  else if (request.method === 'GET' && what === 'changes') {
    response.writeHead(200, { ...anyone, 'Content-Type': 'text/event-stream' }).flushHeaders();
    listeners.add(response);
    response.on('close', () => listeners.delete(response));
    return;
  } else if (request.method === 'GET' && what === 'stat') {
    const found = statSync(path);
    const { ctimeMs: ctime, mtimeMs: mtime, size } = found;
    end(JSON.stringify({ type: typeOf(found.isDirectory()), ctime, mtime, size }));
    return;
  } else if (request.method === 'GET' && what === 'list') {
    const entries = readdirSync(path, { withFileTypes: true });
    end(JSON.stringify(entries.map((entry) => [entry.name, typeOf(entry.isDirectory())])));
    return;
  } else if (request.method === 'GET') {
    end(readFileSync(path));
    return;
  }
  end();
}
