-- Virtual accounts, billing keys, notes. A billing key stands in for a card and is no card data; a cash
-- receipt's number is sent and never kept, so it has no column.
ALTER TABLE intents ADD COLUMN vat INTEGER;
ALTER TABLE intents ADD COLUMN interest_free INTEGER NOT NULL DEFAULT 0;
ALTER TABLE intents ADD COLUMN target_payment TEXT;
ALTER TABLE intents ADD COLUMN target_key TEXT;
ALTER TABLE intents ADD COLUMN parent TEXT;
ALTER TABLE intents ADD COLUMN note TEXT;
ALTER TABLE intents ADD COLUMN account_bank TEXT;
ALTER TABLE intents ADD COLUMN account_number TEXT;
ALTER TABLE intents ADD COLUMN account_holder TEXT;
ALTER TABLE intents ADD COLUMN account_due INTEGER;
ALTER TABLE intents ADD COLUMN billing_key TEXT;
ALTER TABLE intents ADD COLUMN deposit TEXT CHECK (deposit IN ('waiting', 'paid', 'closed'));

-- The caller's earlier payments while the phone number is being typed, and what a BIN turned out to be.
CREATE INDEX intents_phone ON intents (customer_phone_digits, created_at) WHERE customer_phone_digits IS NOT NULL;
CREATE INDEX intents_bin ON intents (bin6, created_at) WHERE issuer IS NOT NULL;
CREATE INDEX intents_waiting ON intents (profile, created_at) WHERE deposit = 'waiting';
CREATE INDEX intents_key ON intents (billing_key) WHERE billing_key IS NOT NULL;

-- A form that was being filled, without card data: one of each console, gone when it ends in order.
CREATE TABLE drafts (
    profile TEXT NOT NULL,
    operator TEXT NOT NULL,
    host TEXT NOT NULL,
    process TEXT NOT NULL,
    saved_at INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (host, process)
) STRICT, WITHOUT ROWID;

-- When the voice recording was paused and went on.
CREATE TABLE marks (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    word TEXT NOT NULL CHECK (word IN ('recording_paused', 'recording_resumed')),
    detail TEXT NOT NULL,
    profile TEXT NOT NULL,
    operator TEXT NOT NULL,
    remote TEXT,
    host TEXT NOT NULL,
    process TEXT NOT NULL
) STRICT;

-- Warnings about a channel that were read and put away.
CREATE TABLE seen_warnings (
    profile TEXT NOT NULL,
    channel TEXT NOT NULL,
    warning TEXT NOT NULL,
    operator TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (profile, channel, warning)
) STRICT, WITHOUT ROWID;
