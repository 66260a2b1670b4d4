// The files of `walk://host:port/…`, which files.ts serves. Like most virtual file systems it cannot be searched.
const { Disposable, EventEmitter, FileChangeType, FileSystemError, workspace } = require('vscode');

exports.activate = ({ subscriptions }) => {
  const changed = new EventEmitter();
  let following;
  const ask = async (method, uri, query = {}, body = undefined) => {
    const address = new URL(`http://${uri.authority}${encodeURI(uri.path)}`);
    for (const [key, value] of Object.entries(query)) address.searchParams.set(key, value);
    const response = await fetch(address, { method, body, cache: 'no-store' });
    if (response.status === 404) throw FileSystemError.FileNotFound(uri);
    if (!response.ok) throw FileSystemError.Unavailable(await response.text());
    return response;
  };
  const get = async (uri, what) => (await ask('GET', uri, { what })).json();
  const watch = (uri) => {
    following ??= new EventSource(`http://${uri.authority}/?what=changes`);
    const listener = ({ data }) => {
      const { type, path } = JSON.parse(data);
      changed.fire([{ type: FileChangeType[type], uri: uri.with({ path }) }]);
    };
    following.addEventListener('message', listener);
    return new Disposable(() => following.removeEventListener('message', listener));
  };
  const provider = {
    onDidChangeFile: changed.event,
    watch,
    stat: (uri) => get(uri, 'stat'),
    readDirectory: (uri) => get(uri, 'list'),
    readFile: async (uri) => new Uint8Array(await (await ask('GET', uri)).arrayBuffer()),
    writeFile: async (uri, content) => void (await ask('PUT', uri, {}, content)),
    createDirectory: async (uri) => void (await ask('POST', uri)),
    delete: async (uri) => void (await ask('DELETE', uri)),
    rename: async (from, to) => void (await ask('PATCH', from, { to: to.path })),
  };
  subscriptions.push(changed, workspace.registerFileSystemProvider('walk', provider, { isCaseSensitive: true }));
};
