import { expect, it } from 'vitest';
import { metrics } from '../../language/elaborate/expectations.ts';
import { counterMetrics, counterNumber } from '../../simulator/counters.ts';

it('every counter that can be expected is a figure of the language, in a dimension of its own', () => {
  for (const name of Object.keys(counterMetrics)) {
    expect(metrics[name]?.doc, name).toMatch(/\S/);
    expect(metrics[name]?.dimension).not.toBe('word');
  }
});

it('a counter is that of the device, or of all of them, in SI units', () => {
  const counter = (of: string, value: number) => ({
    tool: 'nvidia-smi dmon',
    counter: 'rxpci',
    of,
    value,
    unit: 'megabytesPerSecond' as const,
  });
  const counters = [counter('gpu0', 24700), counter('gpu1', 300)];
  expect(counterNumber(counters, 'rxpci', 'gpu0')).toBe(24.7e9);
  expect(counterNumber(counters, 'rxpci', null)).toBe(25e9);
  expect(counterNumber(counters, 'txpci', 'gpu0')).toBe(0);
  expect(counterNumber(counters, 'bandwidth', 'gpu0')).toBeUndefined();
});
