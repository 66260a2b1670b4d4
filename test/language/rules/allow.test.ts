import { EmptyFileSystem, URI } from 'langium';
import { expect, it } from 'vitest';
import { createPcieServices } from '../../../language/module.ts';

const machine = (port: string) => `machine m {
  linux { iommu passthrough }
  socket cpu0 {
    root-port rp0 gen4 x16 {
      switch sw0 {
        link gen4 x16
        acs RR CR
        port p[0..1] gen4 x16 {${port}
          gpu gpu[0..1] { link gen4 x16 }
        }
      }
    }
  }
}
`;
const transfer = (name: string, inside = '') => `transfer ${name} from gpu0 to gpu1 {
  size 1 GiB${inside}
}
`;
const allow = '\n  allow p2p/acs-redirect "isolation is wanted here"';

async function lines(text: string): Promise<number[]> {
  const { shared } = createPcieServices(EmptyFileSystem);
  const document = shared.workspace.LangiumDocumentFactory.fromString(text, URI.parse('file:///allow.pcie'));
  shared.workspace.LangiumDocuments.addDocument(document);
  await shared.workspace.DocumentBuilder.build([document], { validation: true });
  return (document.diagnostics ?? [])
    .filter(({ code }) => code === 'p2p/acs-redirect')
    .map(({ range }) => range.start.line);
}

it('a rule is silenced for the work, or the component, in which the text allows it', async () => {
  const text = machine('') + transfer('a') + transfer('b');
  expect(await lines(text)).toEqual([14, 17]);
  expect(await lines(machine('') + transfer('a', allow) + transfer('b'))).toEqual([18]);
  expect(await lines(machine(allow) + transfer('a') + transfer('b'))).toEqual([]);
  expect(await lines(`${machine('')}scenario s {${allow}\n${transfer('a')}}\n`)).toEqual([]);
});
