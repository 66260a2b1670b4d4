import { EmptyFileSystem, URI } from 'langium';
import { expect, it } from 'vitest';
import { createPcieServices } from '../../../language/module.ts';

const machine = (ports: number, lanes: string) => `machine m {
  socket cpu0 {
    root-port rp[0..${ports - 1}] gen4 x4 {
      gpu gpu ${lanes}
    }
  }
}
`;

async function limited(text: string) {
  const { shared } = createPcieServices(EmptyFileSystem);
  const document = shared.workspace.LangiumDocumentFactory.fromString(text, URI.parse('file:///fold.pcie'));
  shared.workspace.LangiumDocuments.addDocument(document);
  await shared.workspace.DocumentBuilder.build([document], { validation: true });
  return (document.diagnostics ?? [])
    .filter(({ code }) => code === 'link/limited-by-end')
    .map(({ message, data }) => ({ message, subjects: (data as { subjects: string[] }).subjects }));
}

it('what a rule says of every element of an array is said once, of all of them', async () => {
  const [alone] = await limited(machine(1, '{ link gen4 x16 }'));
  expect(alone?.subjects).toEqual(['cpu0.rp0', 'cpu0.rp0.gpu']);

  const [folded, ...rest] = await limited(machine(6, '{ link gen4 x16 }'));
  expect(rest).toEqual([]);
  expect(folded?.message).toBe(
    `${alone?.message} The same goes for cpu0.rp1.gpu, cpu0.rp2.gpu, cpu0.rp3.gpu and 2 more.`,
  );
  expect(folded?.subjects).toEqual([0, 1, 2, 3, 4, 5].flatMap((port) => [`cpu0.rp${port}`, `cpu0.rp${port}.gpu`]));
});

it('what differs by more than names is said apart', async () => {
  const text = machine(1, '{ link gen4 x16 }').replace(
    '    }\n  }\n',
    '    }\n    root-port rq gen4 x8 { gpu gpu { link gen4 x16 } }\n  }\n',
  );
  expect((await limited(text)).map(({ subjects }) => subjects)).toEqual([
    ['cpu0.rp0', 'cpu0.rp0.gpu'],
    ['cpu0.rq', 'cpu0.rq.gpu'],
  ]);
});
