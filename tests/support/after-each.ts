import { afterEach } from 'vitest'
import { runCleanups } from './cleanup.ts'

// A setup file, which runs for every file of tests. Modules are kept from file to file, so a hook that one of them
// registers counts for the first file alone.
afterEach(runCleanups)
