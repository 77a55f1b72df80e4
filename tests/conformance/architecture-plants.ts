// What architecture.test.ts plants. Only text: nothing here is compiled or run in this tree.

type Refusal = { readonly rule: string; readonly file: string; readonly content: string }

/** Each violation: what it is → where it is planted, and the Biome rule that must refuse it. */
export const violations: Readonly<Record<string, Refusal>> = {
  'core importing electron': {
    rule: 'lint/style/noRestrictedImports',
    file: 'src-main/core/run/named-electron.ts',
    content: "import { app } from 'electron'\napp.quit()\n",
  },
  'core importing electron for its side effect': {
    rule: 'lint/style/noRestrictedImports',
    file: 'src-main/core/store/bare-electron.ts',
    content: "import 'electron'\n",
  },
  'the composition root importing electron': {
    rule: 'lint/style/noRestrictedImports',
    file: 'src-main/core/create-core.ts',
    content: "import 'electron'\n",
  },
  'core loading electron late': {
    rule: 'lint/style/noRestrictedImports',
    file: 'src-main/core/agent/late-electron.ts',
    content: "export const electron = await import('electron')\n",
  },
  'core importing an HTTP server': {
    rule: 'lint/style/noRestrictedImports',
    file: 'src-main/core/tool/serves.ts',
    content: "import { Hono } from 'hono'\nexport const app = new Hono()\n",
  },
  'core importing the API': {
    rule: 'lint/style/noRestrictedImports',
    file: 'src-main/core/monitor/calls-api.ts',
    content: "import '#api/router.ts'\n",
  },
  'the ground floor importing a run': {
    rule: 'lint/style/noRestrictedImports',
    file: 'src-main/core/budget/upward.ts',
    content: "import type { Run } from '../run/run.ts'\nexport type Upward = Run\n",
  },
  'a port of a run importing the executor by its alias': {
    rule: 'lint/style/noRestrictedImports',
    file: 'src-main/core/task/upward.ts',
    content: "import { loop } from '#core/execution/loop.ts'\nloop()\n",
  },
  'execution importing an agent': {
    rule: 'lint/style/noRestrictedImports',
    file: 'src-main/core/execution/upward.ts',
    content: "import { agent } from '../agent/agent.ts'\nagent()\n",
  },
  'the contract importing Node': {
    rule: 'lint/style/noRestrictedImports',
    file: 'src-contract/reads-files.ts',
    content: "import { readFileSync } from 'node:fs'\nreadFileSync('a')\n",
  },
  'the contract importing a library': {
    rule: 'lint/style/noRestrictedImports',
    file: 'src-contract/serves.ts',
    content: "import { os } from '@orpc/server'\nos.handler(() => 1)\n",
  },
  'the API importing HTTP': {
    rule: 'lint/style/noRestrictedImports',
    file: 'src-main/api/serves.ts',
    content: "import { app } from '#http/app.ts'\napp()\n",
  },
  'the desktop importing the headless host': {
    rule: 'lint/style/noRestrictedImports',
    file: 'src-main/desktop/borrows.ts',
    content: "import { serve } from '../headless/serve.ts'\nserve()\n",
  },
  'the headless host importing the desktop': {
    rule: 'lint/style/noRestrictedImports',
    file: 'src-main/headless/cli/borrows.ts',
    content: "import { tray } from '../../desktop/tray.ts'\ntray()\n",
  },
  'the headless host importing electron': {
    rule: 'lint/style/noRestrictedImports',
    file: 'src-main/headless/bare-electron.ts',
    content: "import 'electron'\n",
  },
  'the preload importing a library': {
    rule: 'lint/style/noRestrictedImports',
    file: 'src-preload/parses.ts',
    content: "import { z } from 'zod'\nexport const word = z.string()\n",
  },
  'the renderer importing core': {
    rule: 'lint/style/noRestrictedImports',
    file: 'src-renderer/borrows.ts',
    content: "import { createCore } from '#core/create-core.ts'\ncreateCore()\n",
  },
  'the renderer importing core by its path': {
    rule: 'lint/style/noRestrictedImports',
    file: 'src-renderer/screens/borrows.ts',
    content: "import { createCore } from '../../src-main/core/create-core.ts'\ncreateCore()\n",
  },
  'the renderer importing Node': {
    rule: 'lint/correctness/noNodejsModules',
    file: 'src-renderer/reads-files.ts',
    content: "import { readFileSync } from 'node:fs'\nreadFileSync('a')\n",
  },
  'an import cycle': {
    rule: 'lint/suspicious/noImportCycles',
    file: 'src-main/core/event/circle.ts',
    content: "import { half } from './circle-half.ts'\nexport const whole = () => half()\n",
  },
  'a barrel': {
    rule: 'lint/performance/noBarrelFile',
    file: 'src-main/core/lock/index.ts',
    content: "export { lease } from './lease.ts'\n",
  },
  any: {
    rule: 'lint/suspicious/noExplicitAny',
    file: 'src-main/core/plan/untyped.ts',
    content: 'export const untyped: any = 1\n',
  },
  'a non-null assertion': {
    rule: 'lint/style/noNonNullAssertion',
    file: 'src-main/core/plan/asserts.ts',
    content: 'export const first = (all: string[]): string => all[0]!\n',
  },
  'a type imported as a value': {
    rule: 'lint/style/useImportType',
    file: 'src-main/core/plan/imports-type.ts',
    content: "import { Word } from './words.ts'\nexport const word = (it: Word): Word => it\n",
  },
  'process.env in core': {
    rule: 'lint/style/noProcessEnv',
    file: 'src-main/core/secret/reads-env.ts',
    content: "export const key = process.env['ANTHROPIC_API_KEY']\n",
  },
  'process.env in HTTP': {
    rule: 'lint/style/noProcessEnv',
    file: 'src-main/http/reads-env.ts',
    content: "export const port = process.env['BATON_PORT']\n",
  },
  'a promise nobody waits for': {
    rule: 'lint/nursery/noFloatingPromises',
    file: 'src-main/core/run/floats.ts',
    content: 'async function save(): Promise<number> {\n  return 1\n}\nexport function go(): void {\n  save()\n}\n',
  },
  'a promise of another file that nobody waits for': {
    rule: 'lint/nursery/noFloatingPromises',
    file: 'src-main/core/run/floats-across.ts',
    content: "import { save } from '../store/save.ts'\nexport function go(): void {\n  save()\n}\n",
  },
  'an error that loses its cause': {
    rule: 'lint/style/useErrorCause',
    file: 'src-main/core/run/loses-cause.ts',
    content:
      "export function go(): void {\n  try {\n    go()\n  } catch (fault) {\n    throw new Error('no ' + String(fault))\n  }\n}\n",
  },
  'a file name in another case': {
    rule: 'lint/style/useFilenamingConvention',
    file: 'src-renderer/TaskDrawer.tsx',
    content: 'export const size = 1\n',
  },
}

/** What the same folders may do. */
export const allowed: Readonly<Record<string, string>> = {
  'src-main/core/run/downward.ts': "import { lease } from '../lock/lease.ts'\nexport const hold = () => lease()\n",
  'src-main/core/model/sideways.ts': "import { tool } from '../tool/tool.ts'\nexport const use = () => tool()\n",
  'src-main/core/store/save.ts': 'export async function save(): Promise<number> {\n  return 1\n}\n',
  'src-main/core/tool/tool.ts': 'export const tool = () => 1\n',
  'src-main/core/lock/lease.ts': 'export const lease = () => 1\n',
  'src-contract/word.ts': "import { z } from 'zod'\nexport const word = z.string()\n",
  'src-main/api/calls-core.ts': "import { lease } from '#core/lock/lease.ts'\nexport const hold = () => lease()\n",
  'src-main/http/calls-api.ts': "import { hold } from '#api/calls-core.ts'\nexport const serve = () => hold()\n",
  'src-main/desktop/quits.ts': "import { app } from 'electron'\nexport const quit = () => app.quit()\n",
  'src-main/headless/reads-env.ts': "export const port = process.env['BATON_PORT']\n",
  'src-preload/port.ts': "import { ipcRenderer } from 'electron'\nexport const ask = () => ipcRenderer.send('port')\n",
  'src-renderer/shows.ts': "import { word } from '#contract/word.ts'\nexport const show = () => word.parse('a')\n",
}

/** The other end of the planted cycle. */
export const cycleEnd = 'src-main/core/event/circle-half.ts'

type TypeRefusal = { readonly project: string; readonly file: string; readonly content: string; readonly says: RegExp }

/** What the project references refuse even where nobody runs Biome. */
export const typeViolations: Readonly<Record<string, TypeRefusal>> = {
  'core importing electron': {
    project: 'src-main/core',
    file: 'src-main/core/run/named-electron.ts',
    content: "import { app } from 'electron'\nexport const quit = () => app.quit()\n",
    says: /TS2305/,
  },
  'core importing the API by its path': {
    project: 'src-main/core',
    file: 'src-main/core/run/calls-api.ts',
    content: "import { hold } from '../../api/calls-core.ts'\nexport const go = () => hold()\n",
    says: /TS6307/,
  },
  'the API importing HTTP': {
    project: 'src-main/api',
    file: 'src-main/api/serves.ts',
    content: "import { serve } from '#http/calls-api.ts'\nexport const go = () => serve()\n",
    says: /TS6307/,
  },
  'the contract importing Node': {
    project: 'src-contract',
    file: 'src-contract/reads-files.ts',
    content: "import { readFileSync } from 'node:fs'\nexport const read = () => readFileSync('a')\n",
    says: /TS2591|TS2307/,
  },
  'the renderer importing core': {
    project: 'src-renderer',
    file: 'src-renderer/borrows.ts',
    content: "import { lease } from '#core/lock/lease.ts'\nexport const go = () => lease()\n",
    says: /TS6307/,
  },
  'an unchecked index': {
    project: 'src-main/core',
    file: 'src-main/core/plan/first.ts',
    content: 'export const first = (all: string[]): string => all[0]\n',
    says: /TS2322/,
  },
}
