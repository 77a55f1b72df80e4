import { useMutation } from '@tanstack/react-query'
import type { UsageEntry } from '#contract/usage.ts'
import { useClient } from '../client/connection.tsx'
import { saveFile } from '../client/save-file.ts'
import { toastDone, toastFault } from '../parts/toast.tsx'
import { usageTexts } from '../texts/usage.ts'
import { toCsv } from './usage-csv.ts'

/** Reads every call and saves them as a file. */
export function useSaveCsv() {
  const client = useClient()
  return useMutation({
    mutationFn: async () => {
      const entries: UsageEntry[] = []
      let cursor: string | null = null
      do {
        const page: { items: UsageEntry[]; next_cursor: string | null } = await client.usage.list({
          limit: 500,
          ...(cursor === null ? {} : { cursor }),
        })
        entries.push(...page.items)
        cursor = page.next_cursor
      } while (cursor !== null)
      saveFile(new Blob([toCsv(entries)], { type: 'text/csv' }), usageTexts.csvName)
      return entries.length
    },
    onSuccess: (rows) => toastDone(usageTexts.csvSaved(rows)),
    onError: toastFault,
  })
}
