import { contract } from '#contract/contract.ts'

/** Where each call of the contract goes. A built window has method and path alone (scripts/contract-routes.ts). */
export const routes = contract
