import { eq, sql } from 'drizzle-orm'
import type { ContextImage, RunContext } from '#contract/run-context.ts'
import { onceFor } from '../store/once-for.ts'
import { runContextTable } from '../store/schema.ts'
import type { Store } from '../store/store.ts'
import { givenImages, saysTheSame } from './given-images.ts'
import type { RunFrame } from './run-frame.ts'

/** Asked in each run: to build its SQL each time costs more than to answer it. */
const contextOf = onceFor(({ orm }: Store) =>
  orm
    .select()
    .from(runContextTable)
    .where(eq(runContextTable.run_id, sql.placeholder('run')))
    .prepare(),
)

/**
 * The context of a run (E7), made by `build` and stored once: the run sees the same after a restart, whatever has become of
 * attached files and whoever does not answer then, and the user can read it. It is made anew only where the run was given
 * another model that sees other images.
 */
export async function storedContext(
  frame: RunFrame,
  build: (images: readonly ContextImage[]) => Promise<Omit<RunContext, 'images' | 'made_for'>>,
): Promise<RunContext> {
  const { services, run, profile } = frame
  const stored = contextOf(services.store).get({ run: run.id })?.context
  const model = `${profile.provider}/${profile.model}`
  if (stored?.made_for === model) return stored
  const { images, is_known } = await givenImages(frame)
  if (stored !== undefined && saysTheSame(stored, images)) return stored
  const context: RunContext = { ...(await build(images)), images: [...images], made_for: is_known ? model : null }
  await services.store.write((tx) =>
    tx.orm
      .insert(runContextTable)
      .values({ run_id: run.id, context })
      .onConflictDoUpdate({ target: runContextTable.run_id, set: { context } })
      .run(),
  )
  return context
}
