-- Refunds and cash receipts are about a payment at the provider, whoever made it; of a refund, what could be given
-- back before it. Where the money goes has no column: it is sent and never kept.
ALTER TABLE intents ADD COLUMN target_record TEXT;
ALTER TABLE intents ADD COLUMN target_attempt TEXT;
ALTER TABLE intents ADD COLUMN target_balance INTEGER;

-- What was done with a payment.
CREATE INDEX intents_record ON intents (target_record, created_at) WHERE target_record IS NOT NULL;
