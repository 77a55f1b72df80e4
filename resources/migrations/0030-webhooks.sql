-- Webhooks out and in (A5). Their secrets are not here: they are in the keychain, or in a file of the owner's.
CREATE TABLE webhook (
  id            INTEGER PRIMARY KEY AUTOINCREMENT,
  url           TEXT NOT NULL,
  events        TEXT NOT NULL,
  project_id    INTEGER,
  -- The host of the URL, where a person allowed it though it is not public.
  private_host  TEXT,
  is_active     INTEGER NOT NULL DEFAULT 1,
  reason        TEXT NOT NULL DEFAULT '',
  -- Which of its secrets signs; the one before it does too, until a moment.
  secret        INTEGER NOT NULL DEFAULT 1,
  former_until  INTEGER,
  -- It is told of events behind this one.
  since_seq     INTEGER NOT NULL,
  created_at    INTEGER NOT NULL
) STRICT;
CREATE TABLE webhook_delivery (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  webhook_id  INTEGER NOT NULL REFERENCES webhook (id) ON DELETE CASCADE,
  -- Null: a trial.
  event_seq   INTEGER,
  event_id    TEXT NOT NULL,
  event       TEXT NOT NULL,
  state       TEXT NOT NULL,
  reason      TEXT NOT NULL DEFAULT '',
  attempts    INTEGER NOT NULL DEFAULT 0,
  next_at     INTEGER NOT NULL,
  give_up_at  INTEGER NOT NULL,
  created_at  INTEGER NOT NULL,
  ended_at    INTEGER
) STRICT;
CREATE UNIQUE INDEX webhook_delivery_once ON webhook_delivery (webhook_id, event_seq) WHERE event_seq IS NOT NULL;
CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook_id, next_at) WHERE state = 'waiting';
CREATE INDEX webhook_delivery_of ON webhook_delivery (webhook_id, id);
CREATE INDEX webhook_delivery_ended ON webhook_delivery (ended_at) WHERE ended_at IS NOT NULL;
CREATE TABLE webhook_attempt (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  delivery_id INTEGER NOT NULL REFERENCES webhook_delivery (id) ON DELETE CASCADE,
  at          INTEGER NOT NULL,
  ms          INTEGER NOT NULL,
  status      INTEGER,
  error       TEXT NOT NULL
) STRICT;
CREATE INDEX webhook_attempt_of ON webhook_attempt (delivery_id, id);
-- Names of the secrets of incoming webhooks.
CREATE TABLE webhook_secret (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  name       TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
-- What was taken, so that it is not taken twice.
CREATE TABLE webhook_received (
  id        INTEGER PRIMARY KEY AUTOINCREMENT,
  -- Of the stamp and the body, whichever secret signed them.
  digest    TEXT NOT NULL UNIQUE,
  event_id  TEXT,
  -- Of the body alone.
  body_hash TEXT NOT NULL,
  at        INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX webhook_received_event ON webhook_received (event_id) WHERE event_id IS NOT NULL;
CREATE INDEX webhook_received_age ON webhook_received (at);
