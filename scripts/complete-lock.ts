/**
 * `node scripts/complete-lock.ts [folder]`, after every `npm install`: adds the optional packages of other platforms to
 * package-lock.json. npm leaves out those that its registry does not carry, and `npm ci` then refuses the lock file on
 * every platform. An entry that names its platform is enough: elsewhere npm does not fetch it. Such an entry has no
 * integrity hash, because there was nothing to hash.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { z } from 'zod'

const lockedPackage = z.looseObject({
  version: z.string().optional(),
  dev: z.boolean().optional(),
  optionalDependencies: z.record(z.string(), z.string()).optional(),
})
const lockFile = z.looseObject({ packages: z.record(z.string(), lockedPackage) })

const systems = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32']
const processors = ['arm', 'arm64', 'ia32', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64']
const libraries: Readonly<Record<string, string>> = { gnu: 'glibc', gnueabihf: 'glibc', musl: 'musl' }

/** The platform that a package's name ends in (`…-linux-arm64-musl`); null where it names none. */
function platformOf(name: string): { os?: string[]; cpu: string[]; libc?: string[] } | null {
  const words = name.split(/[-/]/)
  const os = words.find((word) => systems.includes(word))
  const cpu = words.find((word) => processors.includes(word))
  const libc = words.map((word) => libraries[word]).find((library) => library !== undefined)
  if (cpu === undefined || (os === undefined && cpu !== 'wasm32')) return null
  return { ...(os && { os: [os] }), cpu: [cpu], ...(libc && os === 'linux' && { libc: [libc] }) }
}

const folder = process.argv[2] ?? dirname(import.meta.dirname)
const file = join(folder, 'package-lock.json')
const lock = JSON.parse(readFileSync(file, 'utf8')) as z.input<typeof lockFile>
const packages = lockFile.parse(lock).packages
const added: z.input<typeof lockFile>['packages'] = {}
for (const owner of Object.values(packages)) {
  for (const [name, version] of Object.entries(owner.optionalDependencies ?? {})) {
    const key = `node_modules/${name}`
    const platform = platformOf(name)
    // Only an exact version can be written down without asking the registry.
    if (key in packages || platform === null || !/^\d+\.\d+\.\d+$/.test(version)) continue
    added[key] = { version, ...platform, ...(owner.dev && { dev: true }), optional: true }
  }
}
// Written from what was read, not from what zod returns: zod would put every entry's keys in another order.
const all = Object.entries({ ...lock.packages, ...added }).sort(([a], [b]) => a.localeCompare(b, 'en'))
writeFileSync(file, `${JSON.stringify({ ...lock, packages: Object.fromEntries(all) }, null, 2)}\n`)
process.stdout.write(`${Object.keys(added).length} packages of other platforms added to ${file}\n`)
