/** A secret that Baton has just made and keeps no copy of: to be copied now. */
export function ShownOnce({ label, secret }: { label: string; secret: string }) {
  return (
    <div role="status" className="flex flex-col gap-1 rounded border border-needs p-3">
      <span>{label}</span>
      <code className="block rounded bg-sunk px-2 py-1 font-mono text-xs break-all select-all">{secret}</code>
    </div>
  )
}
