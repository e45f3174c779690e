-- What we were about to do with somebody's money, one row each. There is no column for a card number,
-- expiry, birth date, business number or password digits, and there never will be one.
CREATE TABLE intents (
    id TEXT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('intended', 'sent', 'unknown', 'approved', 'declined', 'not_charged')),
    profile TEXT NOT NULL,
    generation TEXT NOT NULL CHECK (generation IN ('v1', 'v2')),
    channel TEXT NOT NULL,
    pg TEXT NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('TEST', 'LIVE')),
    amount INTEGER NOT NULL CHECK (amount >= 0),
    currency TEXT NOT NULL,
    tax_free INTEGER,
    installments INTEGER NOT NULL,
    order_name TEXT NOT NULL,
    customer_name TEXT,
    customer_phone TEXT,
    customer_phone_digits TEXT,
    customer_email TEXT,
    bin6 TEXT CHECK (length(bin6) = 6),
    last4 TEXT CHECK (length(last4) = 4),
    operator TEXT NOT NULL,
    remote TEXT,
    host TEXT NOT NULL,
    process TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    sent_at INTEGER,
    settled_at INTEGER,
    guard_reason TEXT,
    provider_payment_id TEXT,
    approval_number TEXT,
    issuer TEXT,
    receipt_url TEXT,
    paid_at INTEGER,
    differing_total INTEGER,
    refusal_code TEXT,
    refusal_message TEXT,
    why TEXT
) STRICT, WITHOUT ROWID;

-- The duplicate guard's question, and the start-up's.
CREATE INDEX intents_card ON intents (last4, amount, created_at) WHERE last4 IS NOT NULL;
CREATE INDEX intents_open ON intents (profile, created_at) WHERE state IN ('intended', 'sent', 'unknown');
CREATE INDEX intents_created ON intents (created_at);

-- Everything that happened to an intent, in order. Lines are added, never changed.
CREATE TABLE history (
    seq INTEGER PRIMARY KEY,
    intent TEXT NOT NULL REFERENCES intents (id),
    at INTEGER NOT NULL,
    word TEXT NOT NULL,
    detail TEXT NOT NULL,
    process TEXT NOT NULL
) STRICT;
CREATE INDEX history_intent ON history (intent, seq);
