-- What lists of payments are made and added up from: an outline of each, those of 128 rows of one profile in a blob
-- (ledger::sqlite::cache::outlines). Block 0 begins with row 0. Beside it what tells whether it need be read at all.
CREATE TABLE payment_outlines (
    profile TEXT NOT NULL,
    block INTEGER NOT NULL,
    payments INTEGER NOT NULL,
    requested_first INTEGER NOT NULL,
    requested_last INTEGER NOT NULL,
    changed_first INTEGER NOT NULL,
    changed_last INTEGER NOT NULL,
    outlines BLOB NOT NULL,
    UNIQUE (profile, block)
) STRICT;

-- The numbers that outlines have for the PGs' names.
CREATE TABLE payment_pgs (
    number INTEGER PRIMARY KEY,
    pg TEXT NOT NULL UNIQUE
) STRICT;
