-- The first schema: accounts, sessions, care relationships, conversations, messages, audit.
--
-- Conventions: ids are 16-byte UUIDv7 made by the application; times are UTC microseconds; enums
-- are the numbers of src/domain; nothing clinical is ever deleted, so no foreign key cascades.

CREATE TABLE users (
    id                BLOB    NOT NULL PRIMARY KEY,
    role              INTEGER NOT NULL,
    state             INTEGER NOT NULL,
    name              TEXT    NOT NULL,
    social_name       TEXT,
    name_folded       TEXT    NOT NULL,
    email             TEXT    NOT NULL,
    email_norm        TEXT    NOT NULL UNIQUE,
    phone             TEXT,
    locale            TEXT    NOT NULL,
    birth_date        TEXT,
    password_hash     TEXT,
    cpf_key           BLOB,
    cpf_sealed        BLOB,
    cpf_index         BLOB    UNIQUE,
    terms_version     TEXT,
    terms_at          INTEGER,
    email_verified_at INTEGER,
    created_at        INTEGER NOT NULL,
    updated_at        INTEGER NOT NULL,
    version           INTEGER NOT NULL
) STRICT;
CREATE INDEX users_by_name ON users (name_folded, id);

CREATE TABLE doctors (
    user_id             BLOB    NOT NULL PRIMARY KEY REFERENCES users (id),
    crm_uf              TEXT    NOT NULL,
    crm_number          TEXT    NOT NULL,
    verified_at         INTEGER,
    verified_by         BLOB    REFERENCES users (id),
    timezone            TEXT    NOT NULL,
    usual_reply_minutes INTEGER,
    about               TEXT    NOT NULL,
    UNIQUE (crm_uf, crm_number)
) STRICT;

CREATE TABLE doctor_specialties (
    doctor_id   BLOB    NOT NULL REFERENCES doctors (user_id),
    position    INTEGER NOT NULL,
    name        TEXT    NOT NULL,
    name_folded TEXT    NOT NULL,
    rqe         TEXT,
    PRIMARY KEY (doctor_id, position)
) STRICT, WITHOUT ROWID;

-- Weekly office hours: ISO weekday 1-7, minutes of the day [start, end) in the doctor's zone.
CREATE TABLE office_hours (
    doctor_id BLOB    NOT NULL REFERENCES doctors (user_id),
    weekday   INTEGER NOT NULL,
    start_min INTEGER NOT NULL,
    end_min   INTEGER NOT NULL,
    PRIMARY KEY (doctor_id, weekday, start_min)
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
    id           BLOB    NOT NULL PRIMARY KEY,
    token_hash   BLOB    NOT NULL UNIQUE,
    user_id      BLOB    NOT NULL REFERENCES users (id),
    created_at   INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    ended_at     INTEGER,
    address      TEXT    NOT NULL,
    user_agent   TEXT    NOT NULL
) STRICT;
CREATE INDEX sessions_by_user ON sessions (user_id, ended_at);

-- One-time links: only the hash of the token is stored.
CREATE TABLE one_time_links (
    token_hash BLOB    NOT NULL PRIMARY KEY,
    user_id    BLOB    NOT NULL REFERENCES users (id),
    purpose    INTEGER NOT NULL,
    created_by BLOB,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER
) STRICT;
CREATE INDEX one_time_links_by_user ON one_time_links (user_id);

CREATE TABLE relationships (
    id           BLOB    NOT NULL PRIMARY KEY,
    patient_id   BLOB    NOT NULL REFERENCES users (id),
    doctor_id    BLOB    NOT NULL REFERENCES users (id),
    state        INTEGER NOT NULL,
    requested_by BLOB    NOT NULL REFERENCES users (id),
    created_at   INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    version      INTEGER NOT NULL,
    UNIQUE (patient_id, doctor_id)
) STRICT;
CREATE INDEX relationships_by_doctor ON relationships (doctor_id, updated_at);

CREATE TABLE relationship_history (
    relationship_id BLOB    NOT NULL REFERENCES relationships (id),
    version         INTEGER NOT NULL,
    state           INTEGER NOT NULL,
    actor_id        BLOB    NOT NULL,
    at              INTEGER NOT NULL,
    PRIMARY KEY (relationship_id, version)
) STRICT, WITHOUT ROWID;

-- One conversation for each relationship. `no` is its compact number inside this database: the
-- message index holds it instead of sixteen bytes. The watermarks only rise.
CREATE TABLE conversations (
    no                INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id                BLOB    NOT NULL UNIQUE,
    relationship_id   BLOB    NOT NULL UNIQUE REFERENCES relationships (id),
    patient_id        BLOB    NOT NULL REFERENCES users (id),
    doctor_id         BLOB    NOT NULL REFERENCES users (id),
    state             INTEGER NOT NULL,
    wrapped_key       BLOB    NOT NULL,
    last_seq          INTEGER NOT NULL,
    last_at           INTEGER NOT NULL,
    patient_delivered INTEGER NOT NULL,
    patient_read      INTEGER NOT NULL,
    doctor_delivered  INTEGER NOT NULL,
    doctor_read       INTEGER NOT NULL,
    created_at        INTEGER NOT NULL
) STRICT;
CREATE INDEX conversations_by_patient ON conversations (patient_id, last_at);
CREATE INDEX conversations_by_doctor ON conversations (doctor_id, last_at);

-- The message log. Rows are appended (rowid), found by one compact index, and a resent client id
-- is found by the second, which is near-append because client ids are UUIDv7.
CREATE TABLE messages (
    pos          INTEGER NOT NULL PRIMARY KEY,
    conversation INTEGER NOT NULL REFERENCES conversations (no),
    seq          INTEGER NOT NULL,
    client_id    BLOB    NOT NULL,
    side         INTEGER NOT NULL,
    kind         INTEGER NOT NULL,
    version      INTEGER NOT NULL,
    at           INTEGER NOT NULL,
    edited_at    INTEGER,
    deleted_at   INTEGER,
    body         BLOB    NOT NULL
) STRICT;
CREATE UNIQUE INDEX messages_by_seq ON messages (conversation, seq);
CREATE UNIQUE INDEX messages_by_client ON messages (client_id, conversation, side);

-- What an edit or a deletion replaced, kept with the record.
CREATE TABLE message_versions (
    conversation INTEGER NOT NULL REFERENCES conversations (no),
    seq          INTEGER NOT NULL,
    version      INTEGER NOT NULL,
    at           INTEGER NOT NULL,
    body         BLOB    NOT NULL,
    PRIMARY KEY (conversation, seq, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency_keys (
    account_id   BLOB    NOT NULL,
    route        TEXT    NOT NULL,
    key          TEXT    NOT NULL,
    request_hash BLOB    NOT NULL,
    status       INTEGER NOT NULL,
    wrapped_key  BLOB    NOT NULL,
    answer       BLOB    NOT NULL,
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (account_id, route, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (created_at);

-- What must end on every node at once: read in order by each, so that open sockets close.
CREATE TABLE revocations (
    id         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    kind       INTEGER NOT NULL,
    user_id    BLOB    NOT NULL,
    session_id BLOB,
    at         INTEGER NOT NULL
) STRICT;

-- The audit trail: one chain per node, each row carrying the hash of the one before.
CREATE TABLE audit (
    node        BLOB    NOT NULL,
    seq         INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    actor_id    BLOB,
    action      TEXT    NOT NULL,
    object_type TEXT    NOT NULL,
    object_id   BLOB,
    outcome     TEXT    NOT NULL,
    address     TEXT    NOT NULL,
    request_id  TEXT    NOT NULL,
    detail      TEXT    NOT NULL,
    prev_hash   BLOB    NOT NULL,
    hash        BLOB    NOT NULL,
    PRIMARY KEY (node, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_by_time ON audit (at);
CREATE INDEX audit_by_actor ON audit (actor_id, at);

-- The trail only grows: a mistaken or malicious statement is refused by the engine itself.
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
