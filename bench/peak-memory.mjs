/** Preloaded into a measured process: writes down the most memory that it held, in bytes, as it ends. */
import { writeFileSync } from 'node:fs'

const file = process.env['PEAK_MEMORY_FILE']
process.on('exit', () => writeFileSync(file, String(process.resourceUsage().maxRSS * 1024)))
