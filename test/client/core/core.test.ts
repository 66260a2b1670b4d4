import { describe, expect, test } from 'vitest';
import { readArguments } from '../../../client/core/arguments.ts';
import { isCancellation, messageOf } from '../../../client/core/errors.ts';
import { mayFollow, mayOpenOutside } from '../../../client/core/links.ts';
import { documentSchemes } from '../../../client/core/schemes.ts';

describe('arguments of commands', () => {
  test('of a lens: a document and a name, which may be null', () => {
    expect(readArguments(['file:///a.pcie', 'load'])).toEqual({ uri: 'file:///a.pcie', name: 'load' });
    expect(readArguments(['file:///a.pcie', null])).toEqual({ uri: 'file:///a.pcie', name: null });
    expect(readArguments(['file:///a.pcie'])).toEqual({ uri: 'file:///a.pcie', name: undefined });
  });
  test('of a menu: the document as an object', () => {
    const uri = { scheme: 'file', path: '/a.pcie', toString: () => 'file:///a.pcie' };
    expect(readArguments([uri, { groupId: 0 }])).toEqual({ uri: 'file:///a.pcie', name: undefined });
  });
  test('of the palette: none', () => {
    expect(readArguments([])).toEqual({ uri: undefined, name: undefined });
    expect(readArguments([undefined, 7])).toEqual({ uri: undefined, name: undefined });
  });
});

describe('errors', () => {
  test('cancellations of the editor and of the protocol are told apart from failures', () => {
    expect(isCancellation(Object.assign(new Error('Canceled'), { name: 'Canceled' }))).toBe(true);
    expect(isCancellation(Object.assign(new Error('x'), { code: -32800 }))).toBe(true);
    expect(isCancellation(Object.assign(new Error('x'), { code: -32603 }))).toBe(false);
    expect(isCancellation('Canceled')).toBe(false);
  });
  test('have a sentence, whatever was thrown', () => {
    expect(messageOf(new Error('No machine.'))).toBe('No machine.');
    expect(messageOf('plain')).toBe('plain');
    expect(messageOf(undefined)).toMatch(/log/);
  });
});

test('links lead to pages and to documents, and start nothing', () => {
  expect(mayOpenOutside('https')).toBe(true);
  for (const scheme of ['command', 'file', 'vscode', 'javascript', 'ssh', 'data'])
    expect(mayOpenOutside(scheme)).toBe(false);
  expect(mayFollow('file', ['file', 'pcie-catalogue'])).toBe(true);
  for (const scheme of ['command', 'vscode', 'git']) expect(mayFollow(scheme, ['file'])).toBe(false);
});

test('documents of workspace folders are looked after, copies for reading are not', () => {
  const schemes = documentSchemes(['vscode-test-web', 'file'], 'pcie-catalogue');
  expect(schemes).toEqual(['file', 'untitled', 'vscode-vfs', 'pcie-catalogue', 'vscode-test-web']);
  expect(schemes).not.toContain('git');
});
