import { readdirSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type JudgedIncident, judgeIncidents } from './judge.ts';

/**
 * What engineers reported in public, as machines: each file says what must be told and what must be predicted, in its
 * expectations.
 */
const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.pcie'));

let judge: (name: string) => Promise<JudgedIncident>;
beforeAll(async () => {
  judge = await judgeIncidents();
});

describe('incidents', () => {
  for (const name of files) {
    it(name, async () => {
      const { text, wrong, expectations } = await judge(name);
      expect(wrong).toEqual([]);
      const failed = expectations
        .filter(({ passed }) => !passed)
        .map(({ text: asked, message }) => ({ asked, message }));
      expect(failed).toEqual([]);
      expect(expectations).toHaveLength(text.match(/^\s*expect /gm)?.length ?? 0);
    });
  }
});
