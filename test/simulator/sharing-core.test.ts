import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, it } from 'vitest';
import { sourceDigest } from '../../simulator/engine/sharing-core.generated.ts';

const folder = resolve(import.meta.dirname, '../../simulator/engine/core');

it('was made of the sources as they are (npm run generate makes it anew)', () => {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder).sort()) hash.update(name).update(readFileSync(resolve(folder, name)));
  expect(sourceDigest).toBe(hash.digest('hex'));
});
