import { URI } from 'langium';
import { scheme } from '../protocol.ts';

export const reportKinds = ['result', 'show', 'enumerate', 'groups', 'path', 'matrix'] as const;
export type ReportKind = (typeof reportKinds)[number];

/** What a report document is about. */
export interface ReportSubject {
  readonly kind: ReportKind;
  readonly uri: string;
  readonly name: string | null;
  /** Ends of a path. */
  readonly ends: readonly [string, string] | null;
}

/** The URI of a read-only report; its last segment is what an editor shows as the title of the tab. */
export function reportUri(
  kind: ReportKind,
  uri: string,
  name: string | null,
  ends: readonly [string, string] | null = null,
): string {
  const file = uri.slice(uri.lastIndexOf('/') + 1);
  const title = [kind, ends === null ? (name ?? decodeURIComponent(file)) : ends.join(' to ')]
    .join(' ')
    .replace(/[/\\]/g, '-');
  const query = JSON.stringify({ uri, name, ...(ends === null ? {} : { ends }) });
  return URI.from({ scheme: scheme.report, path: `/${kind}/${title}.txt`, query }).toString();
}

/** What a report URI is about; undefined for one that is not ours. */
export function parseReportUri(text: string): ReportSubject | undefined {
  const uri = URI.parse(text);
  const kind = reportKinds.find((known) => uri.path.startsWith(`/${known}/`));
  if (uri.scheme !== scheme.report || kind === undefined) return undefined;
  try {
    const read: unknown = JSON.parse(uri.query);
    if (typeof read !== 'object' || read === null || !('uri' in read) || typeof read.uri !== 'string') return undefined;
    const name = 'name' in read && typeof read.name === 'string' ? read.name : null;
    const ends = 'ends' in read && Array.isArray(read.ends) ? read.ends : [];
    const [from, to]: unknown[] = ends;
    return { kind, uri: read.uri, name, ends: typeof from === 'string' && typeof to === 'string' ? [from, to] : null };
  } catch {
    return undefined;
  }
}
