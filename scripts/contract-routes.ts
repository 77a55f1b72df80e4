import { minifyContractRouter } from '@orpc/contract'
import type { Plugin } from 'vite'
import { contract } from '#contract/contract.ts'

/**
 * Puts method and path of each call into the built window in place of the contract with all its schemas: the window needs
 * nothing else of it to make a call, and building thousands of schemas took half of its start.
 */
export function contractRoutes(): Plugin {
  return {
    name: 'baton:contract-routes',
    apply: 'build',
    load(id) {
      if (!id.endsWith('/src-renderer/client/routes.ts')) return null
      return `export const routes = ${JSON.stringify(minifyContractRouter(contract))}`
    },
  }
}
