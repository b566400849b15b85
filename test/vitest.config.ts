import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // A busy machine of two cores takes up to a minute for a test that compares all views.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    // In CI the counts are read from a file.
    reporters: process.env['CI'] ? ['default', 'json'] : ['default'],
    outputFile: { json: 'test/output/vitest.json' },
  },
});
