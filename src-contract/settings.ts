import { z } from 'zod'
import { policy } from './approval.ts'
import { baseUrls, DEFAULT_ROUTES, routeRule } from './model.ts'
import { serviceCards, serviceUrls } from './service-addresses.ts'
import { tier } from './states.ts'

/** A whole number between two, both included. Each step of a chain makes a schema anew, and there are fifty of these. */
const whole = (least: number, most: number) => z.int().check(z.gte(least), z.lte(most))

const perMinute = whole(1, 1_000_000)

/** Everything a person can set that is not a budget, a profile or a key. Absent keys have the defaults written here. */
export const settings = z.strictObject({
  planner_tier: tier.default('strong'),
  /**
   * Whether work of the local tier may go to a paid one: `not_configured` only where this machine has no local model at
   * all, so that the plan shows the cost before approval; never because a local server is down at the moment.
   */
  fallback_to_paid: z.enum(['never', 'not_configured', 'always']).default('not_configured'),
  /** Whether work of a paid tier may be done by a local model when no paid one can be had. */
  fallback_to_local: z.boolean().default(true),
  local_only: z.boolean().default(false),
  /** Addresses of providers where they differ from the usual ones. A local server is asked only where it has one. */
  base_urls: baseUrls.default({}),
  /** Addresses of Ollama and ComfyUI where they differ from the usual ones and the environment names none. */
  service_urls: serviceUrls.default({ ollama: null, comfyui: null }),
  max_concurrent: whole(1, 256).default(8),
  max_concurrent_per_project: whole(1, 256).default(8),
  max_concurrent_per_provider: whole(1, 256).default(4),
  /** Head start of each priority level over the one below, in ms of waiting (ageing). */
  priority_step_ms: whole(0, 86_400_000).default(60_000),
  task_timeout_ms: whole(1_000, 86_400_000).default(1_800_000),
  step_timeout_ms: whole(1_000, 3_600_000).default(600_000),
  /** How much longer others have to have waited before the loaded local model makes room for theirs. */
  model_group_ms: whole(0, 86_400_000).default(60_000),
  /** Local models of Ollama that may be at work at once: 1 where the card holds one. */
  max_local_models: whole(1, 16).default(1),
  /** Whether Ollama and ComfyUI take turns on the card: `auto` where both are on this machine and ComfyUI uses a card. */
  gpu_sharing: z.enum(['auto', 'always', 'never']).default('auto'),
  /** Which cards Ollama and ComfyUI work on. On cards of their own they work side by side (H3). */
  service_cards: serviceCards.default({ ollama: null, comfyui: null }),
  /** How long one side may keep the card while the other waits and its own work goes on coming. */
  gpu_batch_ms: whole(0, 86_400_000).default(300_000),
  /** How long a side may take to unload for the other before that is called a failure and tried again later. */
  gpu_release_ms: whole(500, 600_000).default(30_000),
  /** How long an image that is being made may give no sign before it counts as stuck. */
  image_stall_ms: whole(1_000, 3_600_000).default(300_000),
  /** Commands of models that are not on the list: run in the sandbox, asked about, or not run (T5). */
  command_policy: policy.default('ask'),
  /** How commands may begin that nobody is asked about. */
  allowed_commands: z
    .array(z.string().trim().min(1).max(200))
    .max(500)
    .default([
      ...['npm test', 'npm run', 'node', 'npx tsc', 'npx vitest', 'npx jest', 'tsc', 'vitest', 'eslint', 'biome'],
      ...['python', 'python3', 'pytest', 'go build', 'go test', 'go vet', 'cargo build', 'cargo test', 'cargo check'],
      ...['make', 'cmake', 'gcc', 'g++', 'clang', 'javac', 'java', 'mvn test', 'gradle test', 'ruby', 'php', 'perl'],
      ...[
        'ls',
        'cat',
        'head',
        'tail',
        'wc',
        'sort',
        'uniq',
        'grep',
        'rg',
        'find',
        'diff',
        'stat',
        'file',
        'tree',
        'du',
      ],
      ...['pwd', 'echo', 'true', 'test', 'date', 'which', 'mkdir', 'touch', 'cp', 'mv', 'sed', 'awk', 'jq', 'tar'],
    ]),
  /** Pages of hosts that neither the project nor the plan names: fetched, asked about, or not fetched (T5, T6). */
  network_policy: policy.default('ask'),
  /** Whether anybody who reaches the port may register, as a viewer (S1). Otherwise by an admin's invitation only. */
  registration_open: z.boolean().default(false),
  /** Requests a minute (S5): of one user to one changing route, to plan, to read; and logins from one address. */
  rate_limits: z
    .strictObject({
      changes: perMinute.default(60),
      plans: perMinute.default(5),
      reads: perMinute.default(1_200),
      logins: perMinute.default(30),
      /** Incoming webhooks from one address. */
      webhooks: perMinute.default(30_000),
    })
    .prefault({}),
  /**
   * How long an access token, a session that is not used, one that is, and a ticket for a stream are good (S2, S3). Holds for
   * those that are given out from then on.
   */
  expiries: z
    .strictObject({
      access_s: whole(5, 1_800).default(900),
      refresh_days: whole(1, 365).default(7),
      session_days: whole(1, 365).default(30),
      ticket_s: whole(1, 300).default(30),
    })
    .prefault({}),
  /** How often local services are asked how they are (H1), from the next start. */
  health_check_ms: whole(1_000, 3_600_000).default(30_000),
  /** How long steps under way may go on when Baton ends (E8). */
  shutdown_ms: whole(0, 600_000).default(30_000),
  /** Event streams that one user may have open at once. */
  max_streams: whole(1, 100_000).default(3_000),
  /** Bytes of all request bodies that one user may have under way at once; the first is taken, however large it may be. */
  max_body_bytes: whole(1_000_000, 10_000_000_000).default(128_000_000),
  /** Exports and imports of projects that one user may have under way at once, of each kind. */
  max_transfers: whole(1, 1_000).default(4),
  max_retries: whole(0, 20).default(4),
  retry_base_ms: whole(1, 600_000).default(2_000),
  retry_cap_ms: whole(1, 3_600_000).default(60_000),
  /** Failures of a provider in a row after which nobody asks it for a while (H2); that while begins at `retry_cap_ms`. */
  breaker_failures: whole(1, 1_000).default(5),
  /** How long calls that can wait are collected for one batch, and how many make it full (R5). */
  batch_window_ms: whole(0, 86_400_000).default(60_000),
  batch_max_requests: whole(1, 100_000).default(1_000),
  /** How soon a batch is asked how far it is, and the longest that this grows to from one time to the next. */
  batch_poll_ms: whole(1, 3_600_000).default(30_000),
  batch_poll_cap_ms: whole(1, 3_600_000).default(600_000),
  /** How long after a webhook could not be delivered it is tried again; doubles each time up to the cap (A5). */
  webhook_retry_base_ms: whole(10, 3_600_000).default(5_000),
  webhook_retry_cap_ms: whole(10, 86_400_000).default(600_000),
  /** After how long a webhook that could not be delivered is given up. */
  webhook_give_up_ms: whole(1_000, 604_800_000).default(86_400_000),
  max_repairs: whole(0, 10).default(2),
  /** Model turns within one phase of a run before it is called stuck. */
  max_turns: whole(1, 200).default(40),
  /** Whether a backup is made every day while Baton runs, and how many are kept (D3). */
  backups_daily: z.boolean().default(true),
  backups_kept: whole(1, 365).default(7),
  /** How tasks find their tier: by the table below, local first where the result can be checked, or by what was learned here. */
  routing: z.enum(['careful', 'balanced', 'learned']).default('careful'),
  /** Tasks that fail their checks never go on by themselves at a tier above this one (G4). */
  highest_tier: tier.default('strong'),
  /** What a task that fails, or is wrong without being noticed, is worth avoiding to the user, in micro-dollars; learned routing weighs it against costs. */
  failed_task_micros: whole(1_000, 1_000_000_000).default(1_000_000),
  /** Who checks the criteria that no command can check (G3). */
  verifier_tier: tier.default('fast'),
  /** Which of Ollama's models makes vectors of knowledge (K2): `auto` takes one that is there, `none` makes none. */
  embedding_model: z.string().trim().min(1).max(200).default('auto'),
  /** Whether the desktop shows an icon in the system's tray, and whether closing its window leaves it there at work (U4). */
  desktop_tray: z.boolean().default(true),
  desktop_close_to_tray: z.boolean().default(false),
  /** Whether the desktop starts, in the tray, when its owner logs in to the system. */
  desktop_launch_at_login: z.boolean().default(false),
  /** What the desktop tells by the system's notifications (U4). */
  desktop_notify_done: z.boolean().default(true),
  desktop_notify_needs_you: z.boolean().default(true),
  desktop_notify_budget: z.boolean().default(true),
  desktop_notify_failure: z.boolean().default(true),
  /** Whether the page of the first run has been left for good, so that it does not come by itself any more (U3). */
  first_run_done: z.boolean().default(false),
  routes: z
    .array(routeRule)
    .min(1)
    .max(100)
    .default([...DEFAULT_ROUTES]),
})
export type Settings = z.infer<typeof settings>
