import type { ReservationState } from '#contract/states.ts'
import type { Transitions } from '../store/state-machine.ts'

/**
 * Money is `reserved` before a paid call and `sent` durably before its first byte. A reservation that was never sent is
 * `released`. A sent one is `settled` with what the provider counted, `released` where the provider surely billed nothing,
 * or `unconfirmed` at its full amount where nobody can tell; the user can correct that.
 */
export const RESERVATION_TRANSITIONS: Transitions<ReservationState> = {
  reserved: ['sent', 'released'],
  sent: ['settled', 'unconfirmed', 'released'],
  unconfirmed: ['settled'],
  settled: [],
  released: [],
}
