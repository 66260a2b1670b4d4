import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Suites with a runner of their own (a real VS Code), and the long ones that `npm run test:long` runs.
    exclude: ['test/vscode/**', 'test/web/**', ...(process.env.LONG ? [] : ['test/accuracy/**'])],
    // One a core: by default a machine of two cores has one.
    maxWorkers: '100%',
    testTimeout: 90_000,
    hookTimeout: 120_000,
  },
});
