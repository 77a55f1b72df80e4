import type { ComponentProps } from 'react'
import { classNames } from './class-names.ts'

/** A plain table with hairlines. Rows are as high as the chosen density says. For long lists see `VirtualTable`. */
export function Table({ className, ...rest }: ComponentProps<'table'>) {
  return <table {...rest} className={classNames('w-full border-collapse text-left', className)} />
}

export function Th({ numeric = false, className, ...rest }: ComponentProps<'th'> & { numeric?: boolean }) {
  return (
    <th
      scope="col"
      {...rest}
      className={classNames(
        'h-8 border-b px-2 text-xs font-medium whitespace-nowrap text-ink-3',
        numeric && 'text-right',
        className,
      )}
    />
  )
}

export function Td({ numeric = false, className, ...rest }: ComponentProps<'td'> & { numeric?: boolean }) {
  return (
    <td
      {...rest}
      className={classNames('h-(--row) border-b px-2 align-middle', numeric && 'figures text-right', className)}
    />
  )
}
