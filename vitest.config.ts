import { defineConfig } from 'vitest/config'

// Generous, so that no test depends on the machine's speed: these end a test that hangs, nothing else.
const limits = { testTimeout: 120_000, hookTimeout: 120_000, teardownTimeout: 60_000 }

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    // Loading core anew for each file costs more than the tests in it. What a test changes in its process, it puts back.
    isolate: false,
    unstubEnvs: true,
    expect: { poll: { timeout: 60_000 } },
    globalSetup: ['scripts/own-trash.ts'],
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['src-*/**/*.test.{ts,tsx}'], ...limits },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          globalSetup: ['scripts/build-once.ts'],
          setupFiles: ['tests/support/after-each.ts'],
          include: ['tests/**/*.test.ts'],
          exclude: ['tests/e2e/**', 'tests/load/**'],
          ...limits,
        },
      },
    ],
  },
})
