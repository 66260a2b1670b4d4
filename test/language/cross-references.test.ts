import { AstUtils, EmptyFileSystem, URI } from 'langium';
import { describe, expect, test } from 'vitest';
import type { PcieFile } from '../../language/generated/ast.ts';
import { createPcieServices } from '../../language/module.ts';
import { crossReferencesOf } from '../../language/services/cross-references.ts';

const { shared } = createPcieServices(EmptyFileSystem);

const everything = `import "a.pcie"
part gpu a : b { source "x" { vram 1 GiB } }
template t($p = x, $n) {
  port p[0..$n - 1] gen4 x16 { gpu g : $p { allow a/b "c" } }
  use other($p)
}
machine m : n {
  firmware { above-4g on }
  linux { disable-acs-redir for rp0 sw0.p1 }
  socket c : epyc {
    root-port rp0 gen5 x16 { use t(k, $n = 4) }
    root-port rp1 { nvme d : disk { namespace ns1 { size 1 TB } } }
    root-port rp2 { switch s : sw { partition v for p0 p[1..2] to rp2 } }
  }
  connect c to c2 : upi { links 3 }
  override d gen3 x4 : e { mps 256 B }
  vm guest for g d { memory 4 GiB }
  expect no finding p2p/acs-redirect of g
}
transfer load from d to c.memory by d after other { size 1 GiB
  expect bandwidth of load / bandwidth of other >= 2 within 5 %
  expect path direct
}
scenario s on m {
  at 0 us transfer from d to g[0..3] { size 1 B }
  at 5 us process p on g0 {
    context c { stream q { copy h2d 1 MiB to g1
      record e } }
    stream r { wait e }
  }
  pipeline i { stage one from d to g through s }
  collective k over g[0..3] { size 1 GiB }
}
`;

const sample = (
  references: Iterable<{ container: { $type: string }; property: string; reference: { $refText: string } }>,
) => [...references].map((info) => `${info.container.$type}.${info.property} ${info.reference.$refText}`);

async function parse(text: string): Promise<PcieFile> {
  const document = shared.workspace.LangiumDocumentFactory.fromString<PcieFile>(
    text,
    URI.parse(`file:///${Math.random()}.pcie`),
  );
  return document.parseResult.value;
}

describe('cross-references', () => {
  test('are those that Langium finds by walking everything', async () => {
    const file = await parse(everything);
    const walked = AstUtils.streamAst(file).flatMap((node) => AstUtils.streamReferences(node));
    const found = sample(crossReferencesOf(file));
    expect([...found].sort()).toEqual(sample(walked).sort());
    expect(found.length).toBeGreaterThan(35);
    const kinds = new Set(found.map((line) => line.split(' ')[0]));
    expect([...kinds].sort()).toEqual([
      'Machine.base',
      'Part.base',
      'PartUse.part',
      'Reference.element',
      'Use.template',
      'Wait.event',
    ]);
  });

  test('of every prefix of a text are those that Langium finds there', async () => {
    for (let end = 0; end < everything.length; end += 7) {
      const file = await parse(everything.slice(0, end));
      const walked = AstUtils.streamAst(file).flatMap((node) => AstUtils.streamReferences(node));
      expect(sample(crossReferencesOf(file)).sort(), everything.slice(0, end)).toEqual(sample(walked).sort());
    }
  });
});
