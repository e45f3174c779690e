-- The merchant's own id of a customer, by which a billing key whose answer was lost is found again; and what was
-- done with a billing key, by the key.
ALTER TABLE intents ADD COLUMN customer_id TEXT;

CREATE INDEX intents_target_key ON intents (target_key, created_at) WHERE target_key IS NOT NULL;
