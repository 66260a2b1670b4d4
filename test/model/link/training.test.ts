import { describe, expect, it } from 'vitest';
import { supportedWidths, trainLink } from '../../../model/link/training.ts';

const codes = (reasons: readonly { readonly code: string }[]): string[] => reasons.map((reason) => reason.code);

describe('link training', () => {
  it('two equal ends: nobody limits', () => {
    const link = trainLink({ upstream: { generation: 4, lanes: 16 }, downstream: { generation: 4, lanes: 16 } });
    expect(link).toMatchObject({ generation: 4, lanes: 16, limitedBy: null, limitedAt: null });
    expect(link.capable).toEqual({ generation: 4, lanes: 16 });
    expect(link.reasons).toEqual([]);
    expect(link.assumptions).toEqual([]);
  });

  it('the lower end limits, and is named', () => {
    const gen4Card = trainLink({
      upstream: { name: 'cpu0.rp0', generation: 5, lanes: 16 },
      downstream: { name: 'cpu0.rp0.gpu0', generation: 4, lanes: 16 },
    });
    expect(gen4Card).toMatchObject({
      generation: 4,
      lanes: 16,
      limitedBy: 'downstream',
      limitedAt: 'cpu0.rp0.gpu0',
      generationLimitedBy: 'downstream',
      lanesLimitedBy: null,
      capable: { generation: 4, lanes: 16 },
    });
    const narrowPort = trainLink({
      upstream: { name: 'sw0.p3', generation: 4, lanes: 8 },
      downstream: { generation: 4, lanes: 16 },
    });
    expect(narrowPort).toMatchObject({ lanes: 8, limitedBy: 'upstream', limitedAt: 'sw0.p3' });
    expect(narrowPort.reasons[0]?.message).toContain('x8 of x16');
  });

  it('a slot with fewer lanes than both ends', () => {
    const link = trainLink({
      upstream: { generation: 3, lanes: 16 },
      downstream: { generation: 3, lanes: 16 },
      slot: { name: 'slot2', lanes: 8 },
    });
    expect(link).toMatchObject({ generation: 3, lanes: 8, limitedBy: 'slot', limitedAt: 'slot2' });
    expect(link.capable).toEqual({ generation: 3, lanes: 16 });
  });

  it('a slot that is no narrower than the device does not limit', () => {
    const link = trainLink({
      upstream: { generation: 4, lanes: 16 },
      downstream: { generation: 4, lanes: 4 },
      slot: { lanes: 4 },
    });
    expect(link).toMatchObject({ lanes: 4, limitedBy: 'downstream' });
  });

  it('riser and forced rate', () => {
    const ends = { upstream: { generation: 5, lanes: 16 }, downstream: { generation: 5, lanes: 16 } } as const;
    expect(trainLink({ ...ends, channel: { generation: 3 } })).toMatchObject({ generation: 3, limitedBy: 'channel' });
    expect(trainLink({ ...ends, forced: { generation: 2 } })).toMatchObject({ generation: 2, limitedBy: 'forced' });
    expect(trainLink({ ...ends, forced: { generation: 5 } })).toMatchObject({ generation: 5, limitedBy: null });
    expect(trainLink({ ...ends, channel: { generation: 3 }, forced: { generation: 3 } })).toMatchObject({
      limitedBy: 'channel',
    });
  });

  it('two limits: the one that costs more bandwidth is named', () => {
    const ends = { upstream: { generation: 4, lanes: 16 }, downstream: { generation: 4, lanes: 16 } } as const;
    const narrow = trainLink({ ...ends, slot: { lanes: 1 }, channel: { generation: 3 } });
    expect(narrow).toMatchObject({ limitedBy: 'slot', generationLimitedBy: 'channel', lanesLimitedBy: 'slot' });
    const slow = trainLink({ ...ends, slot: { lanes: 8 }, channel: { generation: 1 } });
    expect(slow.limitedBy).toBe('channel');
    expect(codes(slow.reasons)).toEqual(['link/generation-limited', 'link/width-limited']);
  });

  it('falls back to a width that both support', () => {
    expect(supportedWidths(16)).toEqual([1, 2, 4, 8, 16]);
    expect(supportedWidths(12)).toEqual([1, 2, 4, 8, 12]);
    const link = trainLink({ upstream: { generation: 3, lanes: 16 }, downstream: { generation: 3, lanes: 12 } });
    expect(link).toMatchObject({ lanes: 8, capable: { lanes: 8 }, limitedBy: 'downstream' });
    expect(codes(link.reasons)).toContain('link/width-fallback');
    expect(trainLink({ upstream: { generation: 3, lanes: 12 }, downstream: { generation: 3, lanes: 12 } }).lanes).toBe(
      12,
    );
    expect(
      trainLink({
        upstream: { generation: 3, lanes: 8 },
        downstream: { generation: 3, lanes: 16, widths: [1, 4, 16] },
      }).lanes,
    ).toBe(4);
    expect(
      trainLink({
        upstream: { generation: 3, lanes: 16 },
        downstream: { generation: 3, lanes: 16 },
        slot: { lanes: 12 },
      }).lanes,
    ).toBe(8);
  });

  it('a stated state wins and is blamed only for what nothing else explains', () => {
    const ends = {
      upstream: { name: 'rp0', generation: 5, lanes: 16 },
      downstream: { name: 'gpu0', generation: 5, lanes: 16 },
    } as const;
    expect(trainLink({ ...ends, stated: { generation: 5, lanes: 8 } })).toMatchObject({
      generation: 5,
      lanes: 8,
      limitedBy: 'stated',
      limitedAt: null,
      lanesLimitedBy: 'stated',
    });
    expect(trainLink({ ...ends, slot: { lanes: 8 }, stated: { generation: 5, lanes: 8 } })).toMatchObject({
      lanes: 8,
      limitedBy: 'slot',
    });
  });

  it('a stated state above what is possible stays, and is remarked', () => {
    const link = trainLink({
      upstream: { generation: 3, lanes: 8 },
      downstream: { generation: 4, lanes: 16 },
      stated: { generation: 4, lanes: 8 },
    });
    expect(link).toMatchObject({ generation: 4, lanes: 8, generationLimitedBy: null, limitedBy: 'upstream' });
    expect(codes(link.reasons)).toContain('link/stated-above-capable');
  });

  it('a rate read while idle is no limit, the width is', () => {
    const link = trainLink({
      upstream: { generation: 4, lanes: 16 },
      downstream: { generation: 4, lanes: 16 },
      stated: { generation: 1, lanes: 8, idle: true },
    });
    expect(link).toMatchObject({ generation: 4, lanes: 8, limitedBy: 'stated', generationLimitedBy: null });
    expect(codes(link.reasons)).toContain('link/idle');
  });

  it('an empty slot: what it could carry', () => {
    const link = trainLink({ upstream: { generation: 5, lanes: 16 }, downstream: null, slot: { lanes: 4 } });
    expect(link).toMatchObject({ generation: 5, lanes: 4, limitedBy: 'slot' });
    expect(codes(link.reasons)).toContain('link/empty');
  });

  it('unknown ends: says what it assumed, and from where', () => {
    const half = trainLink({ upstream: { name: 'rp0' }, downstream: { generation: 4, lanes: 8 } });
    expect(half).toMatchObject({ generation: 4, lanes: 8, limitedBy: null });
    expect(half.assumptions.map(({ at, field }) => [at, field])).toEqual([
      ['rp0', 'generation'],
      ['rp0', 'lanes'],
    ]);
    expect(half.assumptions[0]?.message).toContain('Gen4');
    const slotOnly = trainLink({ upstream: {}, downstream: {}, slot: { lanes: 4 } });
    expect(slotOnly).toMatchObject({ generation: 3, lanes: 4, limitedBy: null });
    const nothing = trainLink({ upstream: {}, downstream: {} });
    expect(nothing).toMatchObject({ generation: 3, lanes: 16 });
    expect(nothing.assumptions).toHaveLength(4);
    const idle = trainLink({ upstream: {}, downstream: {}, stated: { generation: 1, lanes: 16, idle: true } });
    expect(idle.generation).toBe(3);
  });
});
