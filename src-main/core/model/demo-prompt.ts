import { shortLine, slug } from './demo-text.ts'

/** What the demo makes of a free prompt, phase by phase: one file that answers it. Always the same for the same prompt. */
export function demoPrompt(
  phase: 'intent' | 'planner' | 'selector',
  prompt: string,
): Readonly<Record<string, unknown>> {
  const title = shortLine(prompt, 60)
  switch (phase) {
    case 'intent':
      return { goal: shortLine(prompt, 400), type: 'writing', complexity: 'simple' }
    case 'planner': {
      const path = `${slug(prompt) || 'answer'}.md`
      return { title, steps: [`Write ${path}`], artifacts: [path], acceptance: [`${path} is there and can be read`] }
    }
    case 'selector':
      return { tier: 'local', tools: ['write_file'], why: 'The demo model does everything itself.' }
  }
}
