import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Suites with a runner of their own (a real VS Code), and the long ones that `npm run test:long` runs.
    exclude: ['test/vscode/**', 'test/web/**', ...(process.env.LONG ? [] : ['test/accuracy/**'])],
    testTimeout: 90_000,
    hookTimeout: 120_000,
  },
});
