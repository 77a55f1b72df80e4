/**
 * The task that typed digits lead to: the one whose key ends in them (`t20`, `page-20`), else the one in that place of the
 * list, counted from 1. Digits count together until another key is pressed, or until they lead nowhere: then the last one
 * begins anew.
 */
export function jump(
  tasks: readonly { key: string }[],
  before: string,
  digit: string,
): { digits: string; key: string | null } {
  const together = `${before}${digit}`
  const found = find(tasks, together)
  return found === null ? { digits: digit, key: find(tasks, digit) } : { digits: together, key: found }
}

function find(tasks: readonly { key: string }[], digits: string): string | null {
  const named = tasks.find(({ key }) => /(?:^|\D)0*(\d+)$/.exec(key)?.[1] === digits.replace(/^0+/, ''))
  return named?.key ?? tasks[Number(digits) - 1]?.key ?? null
}
