-- Schedules: which are moved or revoked or give their place up (ids with a blank between them), when money will
-- move, the provider's id of one that was made, and what was ordered together.
ALTER TABLE intents ADD COLUMN due INTEGER;
ALTER TABLE intents ADD COLUMN batch TEXT;
ALTER TABLE intents ADD COLUMN schedules TEXT;
ALTER TABLE intents ADD COLUMN schedule_id TEXT;

-- The ids of schedules that are revoked stood in the history before there was a column.
UPDATE intents SET schedules =
    (SELECT substr(detail, 11) FROM history WHERE intent = intents.id AND detail LIKE 'schedules=%')
WHERE kind = 'revoke_schedules';

-- What is left of a batch, and what was done with a schedule.
CREATE INDEX intents_batch ON intents (batch) WHERE batch IS NOT NULL;
CREATE INDEX intents_batch_left ON intents (profile, batch) WHERE batch IS NOT NULL AND state = 'intended';
CREATE INDEX intents_schedule ON intents (schedule_id) WHERE schedule_id IS NOT NULL;
CREATE INDEX intents_schedules ON intents (profile, schedules) WHERE schedules IS NOT NULL;
CREATE INDEX intents_parent ON intents (parent) WHERE parent IS NOT NULL;
