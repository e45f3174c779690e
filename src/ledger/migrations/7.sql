-- The texts that searches of payments look through: of 128 rows each, one behind the other, each with a 0x1e behind
-- it; block 0 begins with row 0. A place is the part (domain::search::Part) times 2^32, and the block.
CREATE TABLE payment_texts (
    place INTEGER PRIMARY KEY,
    texts BLOB NOT NULL
) STRICT;

-- Programs of before still look and write here; what they wrote is taken over by the next search, and from then on
-- the column is empty.
CREATE INDEX payment_index_old_text ON payment_index (row) WHERE search != '';
