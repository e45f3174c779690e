-- A copy of what the provider told: payments and schedules. It may be dropped and is filled again. First six and
-- last four of a card at most; a billing key stands in for a card and is no card data.
CREATE TABLE payments (
    row INTEGER PRIMARY KEY,
    profile TEXT NOT NULL,
    id TEXT NOT NULL,
    -- V1's id of the attempt; empty on V2, which has one row for each payment.
    attempt TEXT NOT NULL,
    synced_at INTEGER NOT NULL,
    state TEXT NOT NULL,
    state_text TEXT,
    provider_payment_id TEXT,
    total INTEGER,
    currency TEXT NOT NULL,
    approval_number TEXT,
    bin6 TEXT CHECK (length(bin6) = 6),
    last4 TEXT CHECK (length(last4) = 4),
    issuer TEXT,
    installments INTEGER,
    receipt_url TEXT,
    refusal_code TEXT,
    refusal_message TEXT,
    paid_at INTEGER,
    order_name TEXT NOT NULL,
    is_test INTEGER,
    pg TEXT,
    account_bank TEXT,
    account_number TEXT,
    account_holder TEXT,
    account_due INTEGER,
    billing_key TEXT,
    method TEXT NOT NULL,
    requested_at INTEGER,
    changed_at INTEGER,
    tax_free INTEGER,
    vat INTEGER,
    cancelled INTEGER,
    cancelled_tax_free INTEGER,
    customer_id TEXT,
    customer_name TEXT,
    customer_phone TEXT,
    customer_email TEXT,
    channel TEXT,
    schedule TEXT,
    discounted INTEGER NOT NULL,
    points_used INTEGER,
    escrow INTEGER NOT NULL,
    receipt TEXT,
    -- Lists, as JSON.
    cancellations TEXT NOT NULL,
    webhooks TEXT NOT NULL,
    UNIQUE (profile, id, attempt)
) STRICT;
CREATE INDEX payments_key ON payments (profile, billing_key) WHERE billing_key IS NOT NULL;

-- What lists are made and searched by, narrow: one of each payment, under the same row. Seconds; a time that the
-- provider does not tell is the other one. Codes: the places in StateKind::ALL, Method::ALL; currency 1 KRW,
-- 2 USD, 0 none that this program can count in.
CREATE TABLE payment_index (
    row INTEGER PRIMARY KEY REFERENCES payments (row) ON DELETE CASCADE,
    profile TEXT NOT NULL,
    requested_at INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    state INTEGER NOT NULL,
    method INTEGER NOT NULL,
    recurring INTEGER NOT NULL,
    is_test INTEGER NOT NULL,
    currency INTEGER NOT NULL,
    amount INTEGER NOT NULL,
    cancelled INTEGER NOT NULL,
    pg TEXT,
    search TEXT NOT NULL
) STRICT;
-- Everything that a list without a search needs, so that the rows themselves are not read.
CREATE INDEX payment_index_requested ON payment_index
    (profile, requested_at, row, state, method, recurring, is_test, currency, amount, cancelled, pg);
CREATE INDEX payment_index_changed ON payment_index
    (profile, changed_at, row, state, method, recurring, is_test, currency, amount, cancelled, pg);

-- How far the reading of payments came.
CREATE TABLE syncs (
    profile TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('recent', 'backfill')),
    from_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    next TEXT,
    done INTEGER NOT NULL,
    rows INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (profile, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE schedules (
    row INTEGER PRIMARY KEY,
    profile TEXT NOT NULL,
    id TEXT NOT NULL,
    synced_at INTEGER NOT NULL,
    payment_id TEXT NOT NULL,
    billing_key TEXT NOT NULL,
    at INTEGER NOT NULL,
    -- The day in Korea: days since 1970-01-01.
    day INTEGER NOT NULL,
    state TEXT NOT NULL,
    -- The place in ScheduleGroup::ALL.
    grouped INTEGER NOT NULL,
    amount INTEGER,
    currency TEXT NOT NULL,
    tax_free INTEGER,
    vat INTEGER,
    installments INTEGER,
    order_name TEXT NOT NULL,
    customer_id TEXT,
    customer_name TEXT,
    customer_phone TEXT,
    customer_email TEXT,
    created_at INTEGER,
    ended_at INTEGER,
    refusal_code TEXT,
    refusal_message TEXT,
    provider_payment_id TEXT,
    search TEXT NOT NULL,
    UNIQUE (profile, id)
) STRICT;
-- The calendar's sums are read from this alone.
CREATE INDEX schedules_at ON schedules (profile, at, day, grouped, currency, amount);
CREATE INDEX schedules_group ON schedules (profile, grouped, at);
CREATE INDEX schedules_key ON schedules (profile, billing_key, at);
CREATE INDEX schedules_payment ON schedules (profile, payment_id);

-- Which spans of schedules were read whole, and when.
CREATE TABLE schedule_reads (
    profile TEXT NOT NULL,
    from_at INTEGER NOT NULL,
    until_at INTEGER NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (profile, from_at, until_at)
) STRICT, WITHOUT ROWID;

-- Of which form the texts are that searches look through.
CREATE TABLE search_form (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    version INTEGER NOT NULL
) STRICT;

-- The books: what is kept and never dropped with the copy above. Daily closes (마감) as they were saved.
CREATE TABLE closes (
    seq INTEGER PRIMARY KEY,
    profile TEXT NOT NULL,
    day INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    operator TEXT NOT NULL,
    remote TEXT,
    host TEXT NOT NULL,
    process TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX closes_day ON closes (profile, day, made_at);

-- Who took what out of this program, and why.
CREATE TABLE exports (
    seq INTEGER PRIMARY KEY,
    profile TEXT NOT NULL,
    at INTEGER NOT NULL,
    operator TEXT NOT NULL,
    remote TEXT,
    host TEXT NOT NULL,
    process TEXT NOT NULL,
    what TEXT NOT NULL,
    rows INTEGER NOT NULL,
    reason TEXT NOT NULL,
    path TEXT NOT NULL
) STRICT;
CREATE INDEX exports_at ON exports (profile, at);
