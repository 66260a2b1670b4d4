import { createInterface } from 'node:readline';
import { exitCodes } from '../exit.ts';
import { answerTo } from '../mcp/serve.ts';

/** `pcie mcp`: tools for assistants over standard input and output, a message a line, one after the other. */
export async function mcp(): Promise<number> {
  for await (const line of createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === '') continue;
    const answer = await answerTo(line);
    if (answer !== null) process.stdout.write(`${answer}\n`);
  }
  return exitCodes.done;
}
