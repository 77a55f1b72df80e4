import { changePassword, login, me, refresh, register, session, user } from '../identity.ts'
import { done, route } from './route.ts'

/** Logins of people (S1, S2). The window, the command line and the token file need none. */
export const auth = {
  /** The first user becomes admin and shows the token file's secret; later ones have an invitation. */
  register: route.route({ method: 'POST', path: '/auth/register', successStatus: 201 }).input(register).output(user),
  login: route.route({ method: 'POST', path: '/auth/login' }).input(login).output(session),
  /** Exchanges a refresh token, which is good once, for new tokens. */
  refresh: route.route({ method: 'POST', path: '/auth/refresh' }).input(refresh).output(session),
  logout: route.route({ method: 'POST', path: '/auth/logout' }).output(done),
  me: route.route({ method: 'GET', path: '/auth/me' }).output(me),
  /** Ends all sessions of the user. */
  changePassword: route.route({ method: 'POST', path: '/auth/password' }).input(changePassword).output(done),
}
