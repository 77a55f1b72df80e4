/** As long as a new project is as JSON. */
export const BARE_ANSWER = JSON.stringify({ id: 'prj_1', text: 'x'.repeat(900) })
