-- Texts of knowledge (K2). All of it is made of the sources that baton.db names, and can be made of them again.

-- One content in one scope, however many files have it. Scope: key of the project, 0 for everybody.
CREATE TABLE document (
  id         INTEGER PRIMARY KEY AUTOINCREMENT,
  scope      INTEGER NOT NULL,
  sha256     TEXT NOT NULL,
  media      TEXT NOT NULL,
  bytes      INTEGER NOT NULL,
  characters INTEGER NOT NULL,
  pages      INTEGER,
  lines      INTEGER,
  UNIQUE (scope, sha256, media)
) STRICT;

-- Files as they were found. Without a document: it could not be read, and problem says why.
CREATE TABLE file (
  source_id   INTEGER NOT NULL,
  path        TEXT NOT NULL,
  document_id INTEGER REFERENCES document(id),
  bytes       INTEGER NOT NULL,
  modified_ms INTEGER NOT NULL,
  problem     TEXT NOT NULL,
  PRIMARY KEY (source_id, path)
) STRICT, WITHOUT ROWID;
CREATE INDEX file_document ON file (document_id);

-- Pieces that follow each other without gaps, so that together they are the document's text.
CREATE TABLE chunk (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  document_id INTEGER NOT NULL REFERENCES document(id) ON DELETE CASCADE,
  scope       INTEGER NOT NULL,
  -- UTF-16 code units of the document's text.
  start_at    INTEGER NOT NULL,
  end_at      INTEGER NOT NULL,
  line_start  INTEGER NOT NULL,
  line_end    INTEGER NOT NULL,
  page        INTEGER,
  heading     TEXT NOT NULL,
  text        TEXT NOT NULL
) STRICT;
CREATE INDEX chunk_document ON chunk (document_id, start_at);

CREATE VIRTUAL TABLE chunk_words USING fts5 (
  heading, text, content = 'chunk', content_rowid = 'id', tokenize = 'porter unicode61 remove_diacritics 2'
);
CREATE TRIGGER chunk_words_in AFTER INSERT ON chunk BEGIN
  INSERT INTO chunk_words (rowid, heading, text) VALUES (new.id, new.heading, new.text);
END;
CREATE TRIGGER chunk_words_out AFTER DELETE ON chunk BEGIN
  INSERT INTO chunk_words (chunk_words, rowid, heading, text) VALUES ('delete', old.id, old.heading, old.text);
  DELETE FROM vector WHERE chunk_id = old.id;
  DELETE FROM sign WHERE chunk_id = old.id;
  UPDATE counter SET value = value + 1 WHERE name = 'deleted';
END;

-- Vectors of one model. Chunks are embedded in the order of their ids, so one number says how far it is.
CREATE TABLE space (
  id          INTEGER PRIMARY KEY AUTOINCREMENT,
  model       TEXT NOT NULL,
  dimensions  INTEGER NOT NULL,
  -- searched: questions are asked in it. filling: it takes the place of the searched one when it is whole.
  state       TEXT NOT NULL,
  embedded_to INTEGER NOT NULL DEFAULT 0
) STRICT;
-- Of unit length, 32-bit little endian.
CREATE TABLE vector (
  chunk_id INTEGER NOT NULL,
  space_id INTEGER NOT NULL,
  vector   BLOB NOT NULL,
  PRIMARY KEY (chunk_id, space_id)
) STRICT;
-- The signs of a vector's numbers, one bit each: what is read into memory to search in.
CREATE TABLE sign (
  chunk_id INTEGER NOT NULL,
  space_id INTEGER NOT NULL,
  scope    INTEGER NOT NULL,
  scale    REAL NOT NULL,
  bits     BLOB NOT NULL,
  PRIMARY KEY (space_id, chunk_id)
) STRICT, WITHOUT ROWID;

-- Readers see by it that what they hold in memory is out of date.
CREATE TABLE counter (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
INSERT INTO counter VALUES ('deleted', 0);
