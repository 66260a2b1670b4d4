import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Diagram, DiagramAction } from '../../server/diagram/diagram.types.ts';
import { Harness } from './harness.ts';

const harness = new Harness();
await harness.start();
// As in the editor: what findings cost is no part of what a change does to the text.
harness.shared.RuleSettings.simulates = false;
const { Operations } = harness.shared;
const folder = new URL('../../examples/', import.meta.url);
const examples = readdirSync(folder)
  .filter((name) => name.endsWith('.pcie'))
  .map((name) => [name, readFileSync(new URL(name, folder), 'utf8')] as const);

/** A server of which every device may be moved; comments in every place where one can stand. */
const written = `// before
machine m { /* one */
  linux { iommu translate } // two
  socket s { // three
    // four
    root-port a gen5 x16 { // five
      /* six */ switch sw { // seven
        acs off // eight
        port p0 gen4 x16 { gpu g0 { link gen4 x16 } } // nine
        port p1 gen4 x16 { // ten
          // eleven
          gpu g1 { // twelve
            link gen4 x16 /* thirteen */
          } // fourteen
          // fifteen
        }
        port p2 gen4 x4 { slot x4 } // sixteen
        port p3 gen4 x4 { /* seventeen */ } // eighteen
        port p4 gen4 x4 /* nineteen */
        port q[0..1] gen3 x4 // twenty
      }
    }
    root-port b gen4 x16 {
      nvme d0 { link gen4 x4 } /* twenty-one */ }
    root-port c gen4 x16 {
    }
    root-port d gen4 x8 { mps 256 B; /* no */ }
  }
  disable-me // not a property
}
transfer t from m.s.b.d0 to a.sw.p0.g0 { size 1 GiB } // last
`.replace('; /* no */', ' /* twenty-two */');

const texts = [...examples, ['written', written] as const];

async function look(text: string) {
  const opened = await harness.open(text, 'file:///work/changes.pcie');
  const watched = Operations.diagrams.watch({ uri: opened.uri, name: null });
  if (watched === null) throw new Error('there is no machine');
  return { opened, diagram: watched.diagram };
}

function actionsFor(diagram: Diagram): DiagramAction[] {
  const free = diagram.nodes.filter((node) => node.actions.takes === true);
  return diagram.nodes.flatMap((node): DiagramAction[] => [
    ...(node.actions.move === true
      ? free
          .filter((port) => !port.name.startsWith(`${node.name}.`))
          .map((port) => ({ kind: 'move' as const, device: node.name, port: port.name }))
      : []),
    ...(node.actions.link === true ? [{ kind: 'link' as const, port: node.name, lanes: 2, generation: 3 }] : []),
    ...(node.actions.acs === true ? [true, false].map((on) => ({ kind: 'acs' as const, port: node.name, on })) : []),
  ]);
}

/** Large machines have thousands: some of every kind. */
function some(actions: readonly DiagramAction[]): readonly DiagramAction[] {
  const step = Math.ceil(actions.length / 30);
  return actions.filter((_, index) => index % step === 0);
}

const comments = (text: string): string[] =>
  (text.match(/\/\/[^\n\r]*|\/\*[\s\S]*?\*\//g) ?? []).map((one) => one.trim());
const labels = (diagram: Diagram): string[] => diagram.nodes.map((node) => `${node.kind} ${node.label}`).sort();

/** Applies an action; checks what holds for every action. */
async function applied(text: string, action: DiagramAction): Promise<string> {
  const { opened, diagram } = await look(text);
  const { textDocument } = opened.document;
  const { edits } = Operations.changeDiagram({ uri: opened.uri, name: null }, action);
  const spans = edits
    .map(
      ({ range, newText }) => [textDocument.offsetAt(range.start), textDocument.offsetAt(range.end), newText] as const,
    )
    .sort((a, b) => b[0] - a[0] || b[1] - a[1]);
  for (const [index, [, end]] of spans.entries()) {
    expect(end, 'edits are apart').toBeLessThanOrEqual(spans[index - 1]?.[0] ?? text.length);
  }
  const now = spans.reduce((all, [start, end, inner]) => all.slice(0, start) + inner + all.slice(end), text);
  expect([...comments(now)].sort(), 'comments are kept').toEqual([...comments(text)].sort());
  const after = await look(now);
  expect(after.opened.document.parseResult.parserErrors.length, now).toBe(
    opened.document.parseResult.parserErrors.length,
  );
  expect(labels(after.diagram), now).toEqual(labels(diagram));
  return now;
}

describe('every change of the text', () => {
  test.each(texts)(
    'keeps comments and everything else, and does what it says: %s',
    async (_name, original) => {
      const { diagram } = await look(original);
      for (const action of some(actionsFor(diagram))) {
        let now: string;
        try {
          now = await applied(original, action);
        } catch (error) {
          if (error instanceof Error && /already|no ACS capability/.test(error.message)) continue;
          throw error;
        }
        const after = (await look(now)).diagram;
        const of = (name: string) => after.nodes.find((node) => node.name === name);
        if (action.kind === 'move') {
          const label = action.device.slice(action.device.lastIndexOf('.') + 1);
          const moved = after.nodes.filter((node) => node.parent === action.port).map((node) => node.label);
          expect(moved, now).toEqual([label]);
        } else if (action.kind === 'acs') {
          const ports = [of(action.port), ...after.nodes.filter((node) => node.parent === action.port)];
          const control = ports.filter((node) => node?.acs != null).map((node) => node?.acs?.redirects);
          // A port that says otherwise than its switch keeps what it says.
          if (control.length > 0) expect(control, now).toContain(action.on);
        } else {
          const said = of(action.port)?.facts.find(([what]) => what === 'Can do')?.[1];
          if (of(action.port)?.kind !== 'chipset') expect(said, now).toMatch(/^Gen3 x2/);
        }
      }
    },
    60_000,
  );

  test('one after another, in any order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { minLength: 2, maxLength: 6 }), async (choices) => {
        let text = written;
        for (const choice of choices) {
          const all = actionsFor((await look(text)).diagram);
          const action = all[choice % all.length];
          if (action === undefined) return;
          try {
            text = await applied(text, action);
          } catch (error) {
            if (!(error instanceof Error) || !/already|no ACS capability/.test(error.message)) throw error;
          }
        }
      }),
      { seed: 11, numRuns: 25 },
    );
  }, 60_000);
});
