/** Writes `resources/config.schema.json`: `node scripts/config-schema.ts && biome check --write resources`. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configJsonSchema } from '#http/config-schema.ts'

const file = join(import.meta.dirname, '..', 'resources', 'config.schema.json')
writeFileSync(file, `${JSON.stringify(configJsonSchema(), null, 2)}\n`)
