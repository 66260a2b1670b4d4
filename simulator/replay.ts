import type { EndpointRef, Scenario, Transfer } from '../model/work.ts';

export interface Replay {
  readonly scenario: Scenario;
  /** Lines that could not be read: `file:line: what is wrong and what to do`. */
  readonly problems: readonly string[];
}

/**
 * Reads a recorded load: rows of `start_s,from,to,bytes`, with or without a head line. Blank lines and lines that begin
 * with `#` are passed over.
 *
 * @param endOf what a name means; what it throws becomes the problem of the line
 */
export function parseReplay(text: string, endOf: (name: string) => EndpointRef, file = 'replay'): Replay {
  const transfers: Transfer[] = [];
  const problems: string[] = [];
  const origin = { uri: '', offset: 0, end: 0 };
  // Spreadsheets write a byte order mark.
  text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .forEach((line, index) => {
      if (line.trim() === '' || line.startsWith('#') || (index === 0 && /^start_s\b/.test(line))) return;
      const [start, from, to, bytes, ...more] = line.split(',').map((cell) => cell.trim());
      const at = `${file}:${index + 1}`;
      if (from === undefined || to === undefined || bytes === undefined || more.length > 0) {
        problems.push(`${at}: expected four columns: start_s,from,to,bytes`);
        return;
      }
      const startSeconds = Number(start);
      const size = Number(bytes);
      if (start === '' || !(startSeconds >= 0)) problems.push(`${at}: '${start}' is no start in seconds`);
      else if (!(size > 0) || !Number.isFinite(size)) problems.push(`${at}: '${bytes}' is no number of bytes`);
      else {
        try {
          transfers.push({
            name: `${index + 1}: ${from} -> ${to}`,
            from: endOf(from),
            to: endOf(to),
            bytes: size,
            blockBytes: null,
            depth: null,
            via: 'auto',
            initiator: null,
            operation: null,
            startSeconds,
            expectations: [],
            origin,
          });
        } catch (error) {
          problems.push(`${at}: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
    });
  return { scenario: { name: 'replay', transfers, processes: [], activities: [], expectations: [], origin }, problems };
}
