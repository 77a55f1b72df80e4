import type { Store } from '../store/store.ts'

/** Characters of earlier prompts and answers that go along. */
const REMEMBERED = 24_000

/** What a job of this core is asked, with what was said before it in its session. */
export type SessionPrompt = (job: { id: number; session: number | null; prompt: string }) => string

/** `longest`: characters that a prompt may have; what was said before is left out, oldest first, where it does not fit. */
export function createSessionPrompt({ sqlite }: Store, longest: number): SessionPrompt {
  const before = sqlite.prepare<[number, number], { prompt: string; answer: string | null }>(
    `SELECT prompt, result ->> '$' AS answer FROM job
     WHERE session = ? AND id < ? AND state = 'succeeded' AND prompt IS NOT NULL ORDER BY id DESC`,
  )
  return ({ id, session, prompt }) => {
    if (session === null || session === id) return prompt
    const said: string[] = []
    let left = Math.min(REMEMBERED, longest - prompt.length - 200)
    for (const one of before.iterate(session, id)) {
      const text = `I asked:\n${one.prompt}\n\nYou answered:\n${one.answer ?? ''}`
      left -= text.length + 2
      if (left < 0) break
      said.unshift(text)
    }
    if (said.length === 0) return prompt
    return `This goes on from what was said before.\n\n${said.join('\n\n')}\n\nNow I ask:\n${prompt}`
  }
}
