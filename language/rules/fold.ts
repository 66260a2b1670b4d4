import type { PlacedFinding } from './check.ts';

/** So many of the others are named; the rest is counted. All of them are subjects. */
const named = 3;

/**
 * One finding where a rule says the same of several instances of one text: of an array's elements, of a template's uses.
 * It keeps the first one's words and cost, names the others, and holds the subjects, remedies and related places of all.
 * Findings whose words differ by more than names, or whose fixes change other text, stay apart.
 */
export function foldInstances(findings: readonly PlacedFinding[]): PlacedFinding[] {
  const groups = new Map<string, PlacedFinding[]>();
  const sharedPlaces = placesOfSeveral(findings);
  for (const [index, finding] of findings.entries()) {
    const isAlone = !sharedPlaces.has(`${finding.code} ${finding.offset}`);
    const key = isAlone ? `${index}` : keyOf(finding);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [finding]);
    else group.push(finding);
  }
  return [...groups.values()].flatMap((group) => {
    const [first, ...others] = group;
    return first === undefined ? [] : others.length === 0 ? [first] : [together(first, others)];
  });
}

/** Where the same rule has said more than one thing. */
function placesOfSeveral(findings: readonly PlacedFinding[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const several = new Set<string>();
  for (const { code, offset } of findings) {
    const place = `${code} ${offset}`;
    if (seen.has(place)) several.add(place);
    else seen.add(place);
  }
  return several;
}

function together(first: PlacedFinding, others: readonly PlacedFinding[]): PlacedFinding {
  const all = [first, ...others];
  return {
    ...first,
    message: `${first.message} The same goes for ${listed(others)}.`,
    subjects: unique(all.flatMap(({ subjects }) => subjects)),
    remedies: unique(all.flatMap(({ remedies }) => remedies)),
    related: unique(all.flatMap(({ related }) => related)),
  };
}

/** What two findings have in common that say the same of two instances. */
function keyOf({ code, offset, end, severity, machine, message, subjects, fixes }: PlacedFinding): string {
  // Without a subject there is no telling instances apart.
  if (subjects.length === 0) return JSON.stringify([code, offset, end, machine, message]);
  const changes = fixes.map(({ edits }) => edits);
  return JSON.stringify([code, offset, end, severity, machine, withoutNames(message, subjects), changes]);
}

/** The words with a mark for each subject, whether it stands there by its qualified or by its own name. */
function withoutNames(message: string, subjects: readonly string[]): string {
  const marks = new Map<string, string>();
  for (const [index, subject] of subjects.entries()) {
    marks.set(subject, `\0${index}`);
    const own = subject.slice(subject.lastIndexOf('.') + 1);
    if (!marks.has(own)) marks.set(own, `\0${index}`);
  }
  const names = [...marks.keys()].sort((a, b) => b.length - a.length).map((name) => name.replace(/[^\w]/g, '\\$&'));
  return message.replace(
    new RegExp(`(?<![\\w.-])(?:${names.join('|')})(?![\\w-])`, 'g'),
    (name) => marks.get(name) ?? name,
  );
}

/** What a finding is about first, as its words go. */
function nameOf({ message, subjects }: PlacedFinding): string[] {
  const places = subjects.map((subject) => ({ subject, at: message.indexOf(subject) }));
  const said = places.filter(({ at }) => at >= 0).sort((a, b) => a.at - b.at || b.subject.length - a.subject.length);
  return (said.length > 0 ? said : places).slice(0, 1).map(({ subject }) => subject);
}

function listed(others: readonly PlacedFinding[]): string {
  const names = unique(others.flatMap(nameOf));
  const rest = names.length - named;
  // Naming one more takes no more room than counting it.
  const shown = rest > 1 ? [...names.slice(0, named), `${rest} more`] : names;
  return shown.length === 1 ? (shown[0] ?? '') : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}
