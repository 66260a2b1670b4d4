import { expect, test } from 'vitest';
import { type LensCommand, LensCommands } from '../../../client/core/lens-commands.ts';

function book() {
  const editor = new Map<string, LensCommand>();
  const commands = new LensCommands((id, target) => {
    expect(editor.has(id)).toBe(false);
    editor.set(id, target);
    return { dispose: () => editor.delete(id) };
  });
  return { editor, commands };
}

const simulate = (name: string): LensCommand => ({ command: 'pcie.simulate', arguments: ['file:///a.pcie', name] });

test('a lens keeps its command over new lists, and its place in the list does not matter', () => {
  const { editor, commands } = book();
  const [load] = commands.ids('a', [simulate('load')]);
  const second = commands.ids('a', [simulate('new'), simulate('load')]);
  expect(second[1]).toBe(load);
  expect(second[0]).not.toBe(load);
  expect(editor.get(load ?? '')).toEqual(simulate('load'));
});

test('lenses that are gone still answer while the new ones are drawn, and are forgotten after', () => {
  const { editor, commands } = book();
  const [load = ''] = commands.ids('a', [simulate('load')]);
  for (const name of ['l', 'lo', 'loa']) commands.ids('a', [simulate(name)]);
  expect(editor.has(load)).toBe(true);
  commands.ids('a', [simulate('other')]);
  expect(editor.has(load)).toBe(false);
  expect(editor.size).toBe(4);
  commands.forget('a');
  expect(editor.size).toBe(0);
});

test('what two documents say the same stays as long as one of them is open', () => {
  const { editor, commands } = book();
  const same: LensCommand = { command: 'pcie.showLog' };
  expect(commands.ids('a', [same])).toEqual(commands.ids('b', [same]));
  commands.forget('a');
  expect(editor.size).toBe(1);
  commands.dispose();
  expect(editor.size).toBe(0);
});
