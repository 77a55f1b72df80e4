import { useMutation } from '@tanstack/react-query'
import type { UsageEntry } from '#contract/usage.ts'
import { USAGE_CSV_HEADER, usageCsvLine } from '#contract/usage-csv.ts'
import { useClient } from '../client/connection.tsx'
import { saveFile } from '../client/save-file.ts'
import { toastDone, toastFault } from '../parts/toast.tsx'
import { usageTexts } from '../texts/usage.ts'

/** Reads every call and saves them as a file. */
export function useSaveCsv() {
  const client = useClient()
  return useMutation({
    mutationFn: async () => {
      const lines = [USAGE_CSV_HEADER]
      let cursor: string | null = null
      do {
        const page: { items: UsageEntry[]; next_cursor: string | null } = await client.usage.list({
          limit: 500,
          ...(cursor === null ? {} : { cursor }),
        })
        for (const entry of page.items) lines.push(usageCsvLine(entry))
        cursor = page.next_cursor
      } while (cursor !== null)
      saveFile(new Blob(lines, { type: 'text/csv' }), usageTexts.csvName)
      return lines.length - 1
    },
    onSuccess: (rows) => toastDone(usageTexts.csvSaved(rows)),
    onError: toastFault,
  })
}
