import { expect, it } from 'vitest';
import { stepItems } from '../../../client/features/reports/steps.ts';
import { Harness } from '../../server/harness.ts';

it('every cycle of a discovery is a step with its reason and the device that it asks', async () => {
  const harness = new Harness();
  await harness.start();
  const text = 'machine m {\n  socket cpu0 {\n    root-port rp0 gen4 x4 { nvme ssd0 : pm9a3 }\n  }\n}\n';
  const { uri } = await harness.open(text, 'file:///work/steps.pcie');
  const { data } = harness.shared.Operations.enumerate({ uri, name: null }, true);
  const items = stepItems(data);
  expect(items).toHaveLength(data.steps.length);
  expect(items.length).toBeGreaterThan(30);
  expect(items[0]?.label).toMatch(/^1\. read 0000:00:00\.0 0x00: /);
  expect(items.some(({ name }) => name === 'cpu0.rp0.ssd0')).toBe(true);
  expect(items.every(({ detail }) => detail.length > 0)).toBe(true);
});
