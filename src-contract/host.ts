import { z } from 'zod'

/** A name of hosts that may be reached: `example.com`, `*.example.com` (its subdomains, not itself), each with `:8443` for another port. */
const HOST_PATTERN =
  /^(?:\*\.(?=[a-z0-9-]+\.))?[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?::[1-9]\d{0,4})?$/

export const MAX_HOSTS = 50

/** In lower case; names with other letters in the form that the network has (`xn--…`). */
export const hostPattern = z
  .string()
  .trim()
  .toLowerCase()
  .max(260)
  .regex(HOST_PATTERN, 'a host such as example.com, *.example.com or example.com:8443')

export const hostPatterns = z.array(hostPattern).max(MAX_HOSTS)

/**
 * Stands in the error of a try that was not made because the host is not on the public internet. Where it is one that
 * is meant, `private_host` says so.
 */
export const LEADS_NOWHERE_PUBLIC = 'leads to a place that may not be reached'
