import { describe, expect, test } from 'vitest';
import { defaultSettings } from '../../server/protocol.ts';
import { readSettings } from '../../server/settings.ts';

describe('settings', () => {
  test('are the defaults where nothing is said', () => {
    for (const raw of [undefined, null, {}, [], 'x', { hints: null, rules: 3 }]) {
      expect(readSettings(raw)).toEqual({ settings: defaultSettings, problems: [] });
    }
  });

  test('take what is said', () => {
    const { settings, problems } = readSettings({
      rules: { 'p2p/acs-redirect': 'error', 'link/trained-below': 'off' },
      hints: { links: false },
      lenses: { machines: false },
      simulation: { fidelity: 'ideal', tax: 'worst-case', seed: 7 },
    });
    expect(problems).toEqual([]);
    expect(settings).toEqual({
      rules: { 'p2p/acs-redirect': 'error', 'link/trained-below': 'off' },
      hints: { links: false, transfers: true },
      lenses: { work: true, machines: false },
      simulation: { fidelity: 'ideal', tax: 'worst-case', seed: 7 },
    });
  });

  test('keep the default of what is wrong, and say so', () => {
    const { settings, problems } = readSettings({
      rules: { 'p2p/acs-redirect': 'loud' },
      hints: { links: 'yes' },
      simulation: { fidelity: 'quick', tax: 3, seed: -1 },
    });
    expect(settings).toEqual(defaultSettings);
    expect(problems).toHaveLength(5);
    expect(problems[0]).toContain("'p2p/acs-redirect'");
  });
});
