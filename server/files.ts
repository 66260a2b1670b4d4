import { type FileSystemNode, type FileSystemProvider, URI } from 'langium';
import type { Connection } from 'vscode-languageserver';
import { ReadDirectory, ReadFile, type ResultOf, StatFile } from './protocol.ts';

/**
 * Files of the workspace through the client: in the browser for all of them, in Node for those that are not on disk
 * (remote repositories, archives). Only `.pcie` files are read.
 */
export class ClientFiles implements FileSystemProvider {
  readonly #connection: Connection;
  readonly #local: FileSystemProvider | undefined;
  #served = false;

  /** @param local answers for `file:` URIs where there is a disk */
  constructor(connection: Connection, local?: FileSystemProvider) {
    this.#connection = connection;
    this.#local = local;
  }

  /** The client said whether it answers for files. */
  set served(served: boolean) {
    this.#served = served;
  }

  async stat(uri: URI): Promise<FileSystemNode> {
    const local = this.#localFor(uri);
    if (local !== undefined) return local.stat(uri);
    const node = await this.#ask<ResultOf<typeof StatFile>>(StatFile.method, uri);
    if (node === null) throw new Error(`There is no file ${uri.toString()}.`);
    return { uri, isFile: node.isFile, isDirectory: !node.isFile };
  }

  async exists(uri: URI): Promise<boolean> {
    try {
      await this.stat(uri);
      return true;
    } catch {
      return false;
    }
  }

  async readBinary(uri: URI): Promise<Uint8Array> {
    return new TextEncoder().encode(await this.readFile(uri));
  }

  statSync(uri: URI): FileSystemNode {
    return this.#localSync(uri).statSync(uri);
  }

  existsSync(uri: URI): boolean {
    return this.#localFor(uri)?.existsSync(uri) ?? false;
  }

  readBinarySync(uri: URI): Uint8Array {
    return this.#localSync(uri).readBinarySync(uri);
  }

  readFileSync(uri: URI): string {
    return this.#localSync(uri).readFileSync(uri);
  }

  readDirectorySync(uri: URI): FileSystemNode[] {
    return this.#localSync(uri).readDirectorySync(uri);
  }

  async readFile(uri: URI): Promise<string> {
    const local = this.#localFor(uri);
    if (local !== undefined) return local.readFile(uri);
    if (!uri.path.endsWith('.pcie')) throw new Error(`Only .pcie files are read, not ${uri.toString()}.`);
    const file = await this.#ask<ResultOf<typeof ReadFile>>(ReadFile.method, uri);
    if (file === null) throw new Error(`There is no file ${uri.toString()}.`);
    return file.text;
  }

  async readDirectory(uri: URI): Promise<FileSystemNode[]> {
    const local = this.#localFor(uri);
    if (local !== undefined) return local.readDirectory(uri);
    const entries = await this.#ask<ResultOf<typeof ReadDirectory>>(ReadDirectory.method, uri);
    return (entries ?? []).map((entry) => ({
      uri: URI.parse(entry.uri),
      isFile: entry.isFile,
      isDirectory: !entry.isFile,
    }));
  }

  #localFor(uri: URI): FileSystemProvider | undefined {
    return uri.scheme === 'file' ? this.#local : undefined;
  }

  /** A client cannot be asked without waiting. */
  #localSync(uri: URI): FileSystemProvider {
    const local = this.#localFor(uri);
    if (local === undefined) throw new Error(`${uri.toString()} cannot be read at once.`);
    return local;
  }

  async #ask<T>(method: string, uri: URI): Promise<T | null> {
    return this.#served ? this.#connection.sendRequest<T>(method, { uri: uri.toString() }) : null;
  }
}
