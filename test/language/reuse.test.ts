import fc from 'fast-check';
import {
  type AstNode,
  DocumentState,
  EmptyFileSystem,
  type LangiumDocument,
  type Mutable,
  type ParseResult,
  URI,
} from 'langium';
import { describe, expect, test } from 'vitest';
import type { Elaboration } from '../../language/elaborate/elaborated.ts';
import type { PcieFile } from '../../language/generated/ast.ts';
import { createPcieServices } from '../../language/module.ts';
import { checkDocument } from '../../language/rules/check.ts';
import { loadCatalogue } from '../../language/services/catalogue.ts';
import { reparse } from '../../language/services/reparse.ts';

const sample = `// Two servers.
part gpu mine : a100-pcie-80gb {
  source "https://example.org" { vram 96 GiB }
}
template leaf($model = pm9a3) {
  port d[0..1] gen4 x4 { nvme disk[0..1] : $model { queue-pairs 8 } }
}
machine small {
  linux { iommu passthrough } // policy
  socket cpu0 : xeon-platinum-8480 {
    memory 384 GiB at 200 GB/s
    root-port rp0 gen5 x16 {
      switch sw0 {
        link gen5 x16
        acs off
        port a gen4 x16 { gpu gpu0 : mine { allow link/limited-by-end "known" } }
        port b gen4 x16 { gpu gpu1 : a100-pcie-80gb }
        port c[0..1] gen4 x8 { gpu more[0..1] }
      }
    }
    // drives
    root-port rp1 gen4 x16 { switch sw1 { use leaf } }
    root-port rp2 gen4 x4 { nvme ssd0 : pm9a3 { queue-pairs 64 } }
  }
  socket cpu1 { numa 1
    root-port rp3 { nic net0 } }
  connect cpu0 to cpu1 : upi { links 3 }
  override gpu1 { bar 1 128 GiB 64-bit prefetchable }
  expect no finding p2p/acs-redirect of gpu0
}
machine big : small {
  socket cpu2 { root-port rp4 gen5 x16 { gpu gpu9 : mine } }
}
transfer load from ssd0 to gpu0 {
  size 4 GiB
  expect bandwidth >= 1 GB/s within 5 %
}
transfer more from gpu0 to gpu1 { size 1 GiB }
transfer near from gpu0 to cpu0.memory { size 1 MiB
  numa 1 }
transfer all from ssd0 to more[0..1] { size 1 MiB }
scenario s on small {
  at 5 us transfer from gpu0 to gpu1 { size 1 MiB }
  transfer back from gpu1 to ssd0 { size 2 MiB }
  process p on gpu0 { stream q { copy h2d 1 MiB } }
  expect duration of back < 1 s
}
job reads on ssd0 { size 1 GiB }
transfer far from gpu9 to cpu0.memory on big { size 1 GiB }
expect bandwidth of load / bandwidth of more >= 0.1
`;

/** A file that is edited: parsed again where the edit is, elaborated again where the tree is new. */
class Edited {
  readonly #services: ReturnType<typeof createPcieServices>;
  readonly document: Mutable<LangiumDocument<PcieFile>>;
  text = '';

  constructor() {
    this.#services = createPcieServices(EmptyFileSystem);
    const { shared } = this.#services;
    loadCatalogue(shared);
    this.document = shared.workspace.LangiumDocumentFactory.fromString<PcieFile>('', URI.parse('file:///e.pcie'));
    shared.workspace.LangiumDocuments.addDocument(this.document);
    this.document.state = DocumentState.Linked;
  }

  /** Begins with a text, nothing known. */
  begin(text: string): this {
    this.text = text;
    this.#services.pcie.Elaborations.delete(this.document.uri.toString());
    this.#set(this.#services.pcie.parser.LangiumParser.parse<PcieFile>(text));
    return this;
  }

  #set(parsed: ParseResult<PcieFile>): void {
    this.document.parseResult = parsed;
    (parsed.value as Mutable<AstNode>).$document = this.document;
  }

  /** Says whether a part of the text was enough. */
  edit(text: string): boolean {
    const { parser, references } = this.#services.pcie;
    this.text = text;
    const partial = reparse(this.document.parseResult, text, parser.LangiumParser, references.Linker);
    this.#set(partial ?? parser.LangiumParser.parse<PcieFile>(text));
    return partial !== undefined;
  }

  get elaboration(): Elaboration {
    return this.#services.pcie.Elaborations.get(this.document);
  }

  /** Everything that elaboration and the rules say, by plain values. */
  describe(): unknown {
    const { elaboration } = this;
    const { Elaborations: elaborations } = this.#services.pcie;
    const node = (at: AstNode) => [at.$type, at.$cstNode?.offset, at.$cstNode?.end];
    return {
      problems: elaboration.problems.map((one) => ({
        ...one,
        node: node(one.node),
        related: one.related?.map((related) => ({ ...related, node: node(related.node) })),
      })),
      machines: elaboration.machines.map((one) => ({
        node: node(one.node),
        machine: one.machine,
        names: one.machine.components.map(({ id }) => one.names.shortest(id)),
        work: one.work,
        nodes: one.nodes.map(node),
        componentsOf: [...one.componentsOf].map(([at, ids]) => [node(at), ids]),
        transfersOf: [...one.transfersOf].map(([at, transfers]) => [node(at), transfers]),
        scenarioOf: [...one.scenarioOf].map(([at, scenario]) => [node(at), scenario]),
        problems: one.problems.length,
      })),
      machineOf: [...elaboration.machineOf].map(([at, machine]) => [node(at), machine.machine.name]),
      findings: checkDocument(this.document, { elaborations, roots: this.#services.shared.ImportRoots }).map((one) => ({
        ...one,
        price: one.price?.request,
      })),
    };
  }
}

const one = new Edited();
const other = new Edited();
const nothing = { partial: 0, shared: 0 };

/** One edit after another; after each, everything is as if the text had been read for the first time. */
function editAll(edits: readonly ((text: string) => string)[], start = sample): typeof nothing {
  const edited = one.begin(start);
  const count = { ...nothing };
  edited.describe();
  for (const change of edits) {
    const before = new Set(edited.elaboration.machines.flatMap(({ machine }) => machine.components));
    const text = change(edited.text);
    if (text === edited.text) continue;
    if (edited.edit(text)) count.partial++;
    const after = edited.elaboration.machines.flatMap(({ machine }) => machine.components);
    count.shared += after.filter((component) => before.has(component)).length;
    expect(edited.describe(), text).toEqual(other.begin(text).describe());
  }
  return count;
}

const swap = (from: string, to: string) => (text: string) => text.replace(from, to);

describe('elaborating again after an edit', () => {
  test.each([
    ['a figure in a component', swap('queue-pairs 64', 'queue-pairs 641')],
    ['a name that others use', swap('nvme ssd0', 'nvme ssd01')],
    ['a name that nobody uses', swap('nic net0', 'nic net01')],
    ['a component more', swap('    // drives', '    root-port rpx gen4 x4\n')],
    ['a component less', swap('        port b gen4 x16 { gpu gpu1 : a100-pcie-80gb }\n', '')],
    ['a component that becomes two', swap('socket cpu1 {', 'socket cpu[1..2] {')],
    ['a switch whose ports hear something else', swap('acs off', 'acs on')],
    ['the node of a socket', swap('cpu1 { numa 1', 'cpu1 { numa 2')],
    ['a part', swap('vram 96 GiB', 'vram 48 GiB')],
    ['a template', swap('queue-pairs 8', 'queue-pairs 9')],
    ['a line in front of everything', swap('// Two', '// One\n// Two')],
    ['a line in front of work', swap('transfer load', '// one\ntransfer load')],
    ['a comment in a machine', swap('// policy', '// the policy')],
    ['a comment at the end of a block', swap('// drives', '// all of the drives')],
    ['a name of work that is one of the machine', swap('transfer more', 'transfer gpu0')],
    ['an override', swap('128 GiB 64-bit', '64 GiB 64-bit')],
    ['an override less', swap('  override gpu1 { bar 1 128 GiB 64-bit prefetchable }\n', '')],
    ['a base', swap('machine big : small', 'machine big')],
    ['a slip in a component', swap('queue-pairs 64', 'queue-pears 64')],
  ])('is as elaborating from nothing: %s', (_, change) => {
    const back = () => sample;
    editAll([change, swap('size 4 GiB', 'size 40 GiB'), swap('xeon', '/* a */ xeon'), back, change]);
  });

  test('keeps what the edit does not touch', () => {
    const edited = one.begin(sample);
    const [before] = edited.elaboration.machines;
    expect(edited.edit(sample.replace('size 4 GiB', 'size 40 GiB'))).toBe(true);
    const [after] = edited.elaboration.machines;
    expect(after?.machine).toBe(before?.machine);
    expect(after?.work.transfers[1]).toBe(before?.work.transfers[1]);
    expect(after?.work.transfers[0]).not.toBe(before?.work.transfers[0]);
    expect(edited.edit(edited.text.replace('queue-pairs 64', 'queue-pairs 641'))).toBe(true);
    const [last] = edited.elaboration.machines;
    expect(last?.machine).not.toBe(after?.machine);
    const kept = last?.machine.components.filter((component) => after?.machine.components.includes(component));
    expect(kept?.length).toBeGreaterThan((last?.machine.components.length ?? 0) / 2);
    // What is known of a copy is known of it on that machine alone.
    expect(last?.work.transfers[1]).not.toBe(after?.work.transfers[1]);
    expect(last?.work.transfers[1]).toEqual({ ...after?.work.transfers[1], origin: last?.work.transfers[1]?.origin });
  });

  const pieces = fc.constantFrom(
    'x',
    '4',
    '0',
    ' ',
    ' // c\n',
    '\n',
    '\nacs off\n',
    '\nport q gen4 x4\n',
    '/* c */',
    '',
  );
  const words = (text: string) => [...text.matchAll(/(?<=[a-z0-9{}])(?=[\s])/g)].map((found) => found.index);

  test('after any edits', () => {
    const count = { ...nothing };
    const typed = fc.tuple(fc.nat(99_999), fc.nat(2), pieces);
    fc.assert(
      fc.property(fc.array(typed, { minLength: 1, maxLength: 6 }), (edits) => {
        const found = editAll(
          edits.map(([at, removed, piece]) => (text: string) => {
            const places = words(text);
            const place = places[at % places.length] ?? 0;
            return text.slice(0, place - removed) + piece + text.slice(place);
          }),
        );
        count.partial += found.partial;
        count.shared += found.shared;
      }),
      { seed: 20251121, numRuns: 60 },
    );
    // Without it the test would say nothing.
    expect(count.partial).toBeGreaterThan(30);
    expect(count.shared).toBeGreaterThan(500);
  });
});
