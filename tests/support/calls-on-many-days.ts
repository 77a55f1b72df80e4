import { join } from 'node:path'
import Database from 'better-sqlite3'

/** Writes a paid call of 1,000 micro-dollars on each of so many days, up to 2026-11-01, into the database of a data folder. */
export function callsOnManyDays(dataDir: string, days: number): void {
  const sqlite = new Database(join(dataDir, 'baton.db'))
  sqlite
    .prepare(
      `WITH RECURSIVE day (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM day WHERE n + 1 < ?)
       INSERT INTO usage_log (ts, day_key, provider, model, profile, attempt, input_tokens, output_tokens,
         cache_write_tokens, cache_read_tokens, cost_micros, saved_micros, latency_ms, outcome)
       SELECT unixepoch('2026-11-01', -n || ' days') * 1000, date('2026-11-01', -n || ' days'), 'anthropic', 'claude',
         'strong', 1, 10, 5, 0, 0, 1000, 0, 1, 'ok' FROM day`,
    )
    .run(days)
  sqlite.close()
}
