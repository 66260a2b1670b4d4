import { type AstNode, AstUtils, CstUtils, GrammarUtils, type LangiumDocument } from 'langium';
import { ancestors, type Machine } from '../../model/machine.ts';
import type { Origin } from '../../model/origin.ts';
import type { Cost, PriceRequest } from '../../simulator/price.ts';
import type { SimulationResult } from '../../simulator/simulate.types.ts';
import type { ElaboratedMachine } from '../elaborate/elaborated.ts';
import type { Problem } from '../elaborate/problem.ts';
import type { Allow, Expectation, PcieFile, Statement } from '../generated/ast.ts';
import type { Elaborations } from '../services/elaborations.ts';
import { type ImportRoots, importsOf, importTarget } from '../services/imports.ts';
import { ruleOf, rules } from './registry.ts';
import type { Finding, Fix, Place, Remedy, Rule, Severity } from './rule.ts';

/** Severities by rule code that somebody set; `off` silences. */
export type RuleLevels = Readonly<Record<string, Severity | 'off'>>;

/** A finding in the text of one file. Offsets count UTF-16 units. */
export interface PlacedFinding {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly offset: number;
  readonly end: number;
  /** The machine that it is about; null for what is wrong with the text itself. */
  readonly machine: string | null;
  readonly subjects: readonly string[];
  readonly related: readonly {
    readonly uri: string;
    readonly offset: number;
    readonly end: number;
    readonly message: string;
  }[];
  readonly fixes: readonly Fix[];
  readonly remedies: readonly Remedy[];
  readonly cost: Cost | null;
  /** What is still to be asked about it, and of which machine; null where nothing is. */
  readonly price: { readonly machine: Machine; readonly request: PriceRequest } | null;
}

/** What the work of one machine did, for the rules that look at runs. */
export interface RunOf {
  readonly machine: ElaboratedMachine;
  readonly result: SimulationResult;
}

export interface CheckServices {
  readonly elaborations: Elaborations;
  readonly roots: ImportRoots;
}

/**
 * Everything that the rules say of a file without running anything, in the order of the text. What findings cost
 * (`price`) and what runs show (`checkRuns`) comes after: `settle.ts` puts all of it together.
 */
export function checkDocument(
  document: LangiumDocument,
  services: CheckServices,
  levels: RuleLevels = {},
): PlacedFinding[] {
  const elaboration = services.elaborations.get(document);
  const placing = new Placing(document, levels);
  for (const problem of elaboration.problems) {
    const rule = ruleOf(problem.code);
    if (rule === undefined) throw new Error(`no rule for ${problem.code}`);
    placing.put(rule, findingOf(problem), null);
  }
  for (const machine of elaboration.machines) {
    for (const rule of rules) rule.checkMachine?.(machine, (finding) => placing.put(rule, finding, machine.machine));
  }
  for (const rule of rules) rule.checkFile?.(elaboration, (finding) => placing.put(rule, finding, null));
  for (const { code, ...finding } of [...importFindings(document, services), ...allowFindings(document)]) {
    const rule = ruleOf(code);
    if (rule !== undefined) placing.put(rule, finding, null);
  }
  return placing.findings.sort((a, b) => a.offset - b.offset);
}

/** The machines of a file whose work has to run before everything is known. */
export function machinesToRun(document: LangiumDocument, services: CheckServices): ElaboratedMachine[] {
  const { machines } = services.elaborations.get(document);
  return machines.filter((machine) => rules.some((rule) => rule.needsRun?.(machine) === true));
}

/** What the rules say of runs. */
export function checkRuns(document: LangiumDocument, runs: readonly RunOf[], levels: RuleLevels = {}): PlacedFinding[] {
  const placing = new Placing(document, levels);
  for (const { machine, result } of runs) {
    for (const rule of rules) {
      rule.checkRun?.(machine, result, (finding) => placing.put(rule, finding, machine.machine));
    }
  }
  return placing.findings.sort((a, b) => a.offset - b.offset);
}

/** Puts findings into the text of a file: each once, without those that are silenced. */
class Placing {
  readonly findings: PlacedFinding[] = [];
  readonly #seen = new Set<string>();
  readonly #uri: string;
  readonly #text: string;
  readonly #root: AstNode;
  readonly #levels: RuleLevels;

  /** Blocks of work that silence a rule, by its code. */
  readonly #quiet = new Map<string, { readonly offset: number; readonly end: number }[]>();

  constructor(document: LangiumDocument, levels: RuleLevels) {
    this.#uri = document.uri.toString();
    this.#text = document.textDocument.getText();
    this.#root = document.parseResult.value;
    this.#levels = levels;
    for (const statement of claimsOf(document)) {
      if (statement.$type !== 'Allow' || statement.code === undefined) continue;
      const { $container: block } = statement;
      const isWork = block.$type === 'Transfer' || block.$type === 'Scenario' || block.$type === 'Activity';
      if (!isWork || block.$cstNode === undefined) continue;
      const { offset, end } = block.$cstNode;
      const known = this.#quiet.get(statement.code);
      if (known === undefined) this.#quiet.set(statement.code, [{ offset, end }]);
      else known.push({ offset, end });
    }
  }

  #isAllowedAt(code: string, offset: number): boolean {
    return this.#quiet.get(code)?.some((block) => block.offset <= offset && offset <= block.end) === true;
  }

  /** A place in this file that is a block, by the name of what the block is: nobody wants lines of underlined text. */
  #inShort(at: Span): Span {
    if (at.uri !== this.#uri || !this.#text.slice(at.offset, at.end).includes('\n')) return at;
    const root = this.#root.$cstNode;
    const leaf = root === undefined ? undefined : CstUtils.findLeafNodeAtOffset(root, at.offset);
    for (let node = leaf?.astNode; node !== undefined; node = node.$container) {
      const whole = node.$cstNode;
      if (whole === undefined || whole.offset !== at.offset || whole.end > at.end) break;
      const name = GrammarUtils.findNodeForProperty(whole, 'name');
      if (name !== undefined) return { uri: at.uri, offset: name.offset, end: name.end };
    }
    return { ...at, end: headEnd(at.offset, at.end, this.#text.slice(at.offset, at.end)) };
  }

  put(rule: Rule, finding: Omit<Finding, 'code'>, machine: Machine | null): void {
    const level = this.#levels[rule.code] ?? rule.severity;
    if (level === 'off' || (machine !== null && isAllowed(machine, rule.code, finding))) return;
    const at = this.#inShort(locate(finding.place, this.#uri));
    if (at.uri === this.#uri && this.#isAllowedAt(rule.code, at.offset)) return;
    const key = `${rule.code} ${at.offset} ${finding.message}`;
    if (this.#seen.has(key)) return;
    this.#seen.add(key);
    this.findings.push({
      code: rule.code,
      severity: level,
      message: finding.message,
      offset: at.offset,
      end: at.end,
      machine: machine?.name ?? null,
      subjects: finding.subjects ?? [],
      related: (finding.related ?? []).map((one) => ({ ...locate(one.place, null), message: one.message })),
      fixes: finding.fixes ?? [],
      remedies: finding.remedies ?? [],
      cost: finding.cost ?? null,
      price: finding.price === undefined || machine === null ? null : { machine, request: finding.price },
    });
  }
}

/** A problem of elaboration as a finding: its fixes replace exactly the place at fault. */
function findingOf(problem: Problem): Omit<Finding, 'code'> {
  const place: Place = {
    node: problem.node,
    ...(problem.property === undefined ? {} : { property: problem.property }),
    ...(problem.index === undefined ? {} : { index: problem.index }),
  };
  const at = locate(place, null);
  return {
    message: problem.message,
    place,
    related: (problem.related ?? []).map((one) => ({
      place: { node: one.node, property: 'name' },
      message: one.message,
    })),
    fixes: problem.fixes.map((fix) => ({
      title: fix.title,
      edits: [{ uri: at.uri, offset: at.offset, end: at.end, text: fix.text }],
    })),
  };
}

/** Silenced by an `allow` at a subject, above it, or in the machine. */
function isAllowed(machine: Machine, code: string, finding: Omit<Finding, 'code'>): boolean {
  if (machine.allows.some((allow) => allow.code === code)) return true;
  const names = componentsByName(machine);
  return (finding.subjects ?? []).some((name) => {
    const id = names.get(name);
    return id !== undefined && ancestors(machine, id).some((one) => one.allows.some((allow) => allow.code === code));
  });
}

const idsByName = new WeakMap<Machine, ReadonlyMap<string, number>>();

function componentsByName(machine: Machine): ReadonlyMap<string, number> {
  let ids = idsByName.get(machine);
  if (ids === undefined) {
    ids = new Map(machine.components.map(({ name, id }) => [name, id]));
    idsByName.set(machine, ids);
  }
  return ids;
}

interface Span {
  readonly uri: string;
  readonly offset: number;
  readonly end: number;
}

/** A place as offsets. With `uri`, the way in (`via`) is followed outwards until it is in that file. */
function locate(place: Place, uri: string | null): Span {
  if ('origin' in place) {
    let origin: Origin = place.origin;
    while (uri !== null && origin.uri !== uri && origin.via !== undefined) origin = origin.via;
    const inside = uri === null || origin.uri === uri;
    return inside
      ? { uri: origin.uri, offset: origin.offset, end: origin.end }
      : { uri: origin.uri, offset: 0, end: 0 };
  }
  const { node, property, index } = place;
  const cst = property === undefined ? undefined : GrammarUtils.findNodeForProperty(node.$cstNode, property, index);
  const at = cst ?? node.$cstNode;
  const document = AstUtils.findRootNode(node).$document;
  return {
    uri: document?.uri.toString() ?? '',
    offset: at?.offset ?? 0,
    end: headEnd(at?.offset ?? 0, at?.end ?? 0, at?.text ?? ''),
  };
}

/** What is about a whole block is shown at its first line, without the brace. */
function headEnd(offset: number, end: number, text: string): number {
  const line = text.indexOf('\n');
  if (line < 0) return end;
  const head = text.slice(0, line).trimEnd();
  return offset + (head.endsWith('{') ? head.slice(0, -1).trimEnd() : head).length;
}

function importFindings(document: LangiumDocument, services: CheckServices): Finding[] {
  const known = new Map(services.elaborations.reached(document).map((reached) => [reached.uri, reached.document]));
  return importsOf(document).flatMap((statement): Finding[] => {
    const place: Place = { node: statement, property: 'path' };
    const target = importTarget(statement, document.uri, services.roots);
    if (target.kind === 'refused') return [{ code: target.code, message: target.message, place }];
    if (target.uri.toString() === document.uri.toString() || known.get(target.uri.toString()) !== undefined) return [];
    return [{ code: 'import/not-found', message: `There is no file '${statement.path}' here.`, place }];
  });
}

function allowFindings(document: LangiumDocument): Finding[] {
  const findings: Finding[] = [];
  for (const node of claimsOf(document)) {
    if (node.$type === 'Allow') {
      const allow = node;
      if (allow.code !== undefined && ruleOf(allow.code) === undefined) findings.push(unknownRule(node, allow.code));
      else if (allow.reason === undefined || allow.reason.trim() === '') {
        findings.push({
          code: 'language/allow-without-reason',
          message: `Say why ${allow.code} does not count here: \`allow ${allow.code} "reason"\`.`,
          place: { node },
        });
      }
    } else {
      const { finding, code } = node;
      if (finding === true && code !== undefined && ruleOf(code) === undefined) findings.push(unknownRule(node, code));
    }
  }
  return findings;
}

type Claim = Allow | Expectation;

const none: readonly Claim[] = [];
const claimsKept = new WeakMap<AstNode, readonly Claim[]>();

/** Blocks so deep in others are kept by themselves; what lies deeper with those around it. */
const deepestKept = 2;

/** Everything that a file allows or expects, in the order of its text. */
function claimsOf(document: LangiumDocument): readonly Claim[] {
  const file = document.parseResult.value as PcieFile;
  return claimsIn(file, file.statements, 0);
}

/** What is allowed or expected in a block, at any depth; kept for the blocks that an edit leaves as they are. */
function claimsIn(block: AstNode, statements: readonly Statement[], depth: number): readonly Claim[] {
  const known = claimsKept.get(block);
  if (known !== undefined) return known;
  const found: Claim[] = [];
  for (const statement of statements) takeClaims(statement, found, depth);
  const kept = found.length === 0 ? none : found;
  claimsKept.set(block, kept);
  return kept;
}

function takeClaims(statement: Statement, found: Claim[], depth: number): void {
  if (statement.$type === 'Allow' || statement.$type === 'Expectation') {
    found.push(statement);
  } else if (statement.$type === 'Timed') {
    if (statement.statement !== undefined) takeClaims(statement.statement, found, depth);
  } else if ('members' in statement && statement.members.length > 0) {
    if (depth > deepestKept) for (const member of statement.members) takeClaims(member, found, depth);
    else for (const claim of claimsIn(statement, statement.members, depth + 1)) found.push(claim);
  }
}

const unknownRule = (node: AstNode, code: string): Finding => ({
  code: 'language/unknown-rule',
  message: `There is no rule '${code}'.`,
  place: { node, property: 'code' },
});
