import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire, isBuiltin } from 'node:module'
import { basename, dirname, join, matchesGlob } from 'node:path'
import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { z } from 'zod'
import config from '../../electron-builder.config.ts'
import { NATIVE_PACKAGES } from '../../scripts/native-packages.ts'

const root = join(import.meta.dirname, '..', '..')
const unpacked = z.array(z.string()).parse(config.asarUnpack)
const isUnpacked = (path: string): boolean => unpacked.some((pattern) => matchesGlob(path, pattern))

const lock = z
  .object({
    packages: z.record(
      z.string(),
      z.object({
        name: z.string().optional(),
        dev: z.boolean().default(false),
        hasInstallScript: z.boolean().default(false),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')))

/** Folders of what a packaged application carries of node_modules, as far as it is installed on this system. */
const shipped = Object.entries(lock.packages)
  .filter(([path, { dev }]) => path !== '' && !dev && existsSync(join(root, path)))
  .map(([path]) => path)

test("S9 the packaging configuration is one by electron-builder's own schema", () => {
  const builder = dirname(createRequire(import.meta.url).resolve('electron-builder/package.json'))
  const library = createRequire(join(builder, 'package.json')).resolve('app-builder-lib/package.json')
  const schema: object = JSON.parse(readFileSync(join(dirname(library), 'scheme.json'), 'utf8'))
  const validate = new Ajv({ strict: false, allErrors: true }).compile(schema)
  validate(JSON.parse(JSON.stringify(config)))
  expect(validate.errors ?? []).toEqual([])
  // The schema is one that refuses.
  expect(validate({ ...config, electronFuse: {} })).toBe(false)
})

test('S9 the fuses take from Electron what would let another in', () => {
  expect(config.electronFuses).toEqual({
    runAsNode: false,
    enableNodeOptionsEnvironmentVariable: false,
    enableNodeCliInspectArguments: false,
    enableCookieEncryption: true,
    enableEmbeddedAsarIntegrityValidation: true,
    onlyLoadAppFromAsar: true,
    loadBrowserProcessSpecificV8Snapshot: false,
    grantFileProtocolExtraPrivileges: false,
    resetAdHocDarwinSignature: true,
  })
  expect(config).toMatchObject({ asar: true, publish: null, mac: { hardenedRuntime: true } })
  const entitlements = readFileSync(join(root, config.mac?.entitlements ?? ''), 'utf8')
  expect([...entitlements.matchAll(/<key>([^<]+)<\/key>/g)].map(([, key]) => key)).toEqual([
    'com.apple.security.cs.allow-jit',
    'com.apple.security.cs.disable-library-validation',
  ])
})

test('S9 whatever the system itself must load lies outside of the archive', () => {
  const native = shipped.flatMap((folder) =>
    globSync('**/*.{node,so,dylib,dll,exe}', { cwd: join(root, folder), exclude: ['node_modules/**'] }).map((file) =>
      join(folder, file),
    ),
  )
  for (const name of ['better-sqlite3', 'keytar', 'argon2', 'sqlite-vec']) {
    expect(
      native.some((file) => file.includes(name)),
      name,
    ).toBe(true)
  }
  expect(native.filter((file) => !isUnpacked(file))).toEqual([])
  // What is not bundled is loaded from there as a whole.
  for (const name of NATIVE_PACKAGES) {
    for (const file of readdirSync(join(root, 'node_modules', name), { recursive: true, encoding: 'utf8' })) {
      expect(isUnpacked(`node_modules/${name}/${file}`), file).toBe(true)
    }
  }
})

test('S9 what is shipped of node_modules is what the built program loads from there, and what that needs', () => {
  const { dependencies } = z
    .object({ dependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
  expect(Object.keys(dependencies).toSorted()).toEqual(NATIVE_PACKAGES.toSorted())
  const loaded = globSync('out/main/*.js', { cwd: root }).flatMap((file) => {
    const imports = readFileSync(join(root, file), 'utf8').matchAll(
      /(?:^import\b[^'"`;]*|\bfrom |\bimport\()["'`]((?:@[\w.-]+\/)?[\w.-]+)["'`/]/gm,
    )
    return [...imports].map(([, name = '']) => name)
  })
  const foreign = new Set(loaded.filter((name) => !isBuiltin(name) && !name.startsWith('.') && name !== 'electron'))
  expect([...foreign].toSorted()).toEqual(NATIVE_PACKAGES.toSorted())
})

test("U3 a start loads nothing of Node's fetch: no built file imports node:http as a module", () => {
  const built = globSync('out/main/*.js', { cwd: root }).map((file) => readFileSync(join(root, file), 'utf8'))
  expect(built.some((text) => text.includes('process.getBuiltinModule("node:http")'))).toBe(true)
  expect(built.filter((text) => /^import\b[^;]*["'](?:node:)?http["']/m.test(text))).toEqual([])
})

test('S9 worker threads and resources lie outside of the archive; the code that starts all does not', () => {
  const workers = globSync('src-main/**/*-worker.ts', { cwd: root }).map(
    (file) => `out/main/${basename(file, '.ts')}.js`,
  )
  expect(workers.length).toBeGreaterThan(2)
  expect(workers.filter((file) => !isUnpacked(file))).toEqual([])
  for (const file of workers) expect(existsSync(join(root, file)), file).toBe(true)
  const resources = globSync('resources/**/*.*', { cwd: root })
  expect(resources.filter((file) => !isUnpacked(file))).toEqual([])
  // What lies in the archive is checked for integrity.
  for (const file of ['out/main/desktop.js', 'out/preload/preload.cjs', 'out/renderer/index.html']) {
    expect([existsSync(join(root, file)), isUnpacked(file)]).toEqual([true, false])
  }
})

test('U4 each system gets its installer, icons and links', () => {
  expect([config.linux?.target, config.mac?.target, config.win?.target]).toEqual([
    ['AppImage', 'deb'],
    ['dmg'],
    ['nsis'],
  ])
  for (const icon of [config.linux?.icon, config.mac?.icon, config.win?.icon]) {
    expect(existsSync(join(root, String(icon))), String(icon)).toBe(true)
  }
  expect(config.protocols).toEqual([{ name: 'Baton', schemes: ['baton'] }])
})

test('X4 an install fetches nothing: every install script is one that was decided on', () => {
  const { allowScripts } = z
    .object({ allowScripts: z.record(z.string(), z.boolean()) })
    .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
  expect(Object.keys(allowScripts).filter((name) => allowScripts[name])).toEqual(['node', '@github/keytar'])
  const scripted = Object.entries(lock.packages).filter(([, { hasInstallScript }]) => hasInstallScript)
  const names = scripted.map(([path, { name }]) => name ?? path.replace(/^.*node_modules\//, ''))
  expect(names).toContain('electron-winstaller')
  // Of macOS alone, and without a download.
  expect(names.filter((name) => name !== 'fsevents' && !(name in allowScripts))).toEqual([])
})
