-- A mail of what may pass stands for as long as it holds; one that says that it has passed follows it. The version
-- before writes none of these columns: what it mails is never followed and is checked against no subscription.
ALTER TABLE mailer.jobs
    -- Whoever does not subscribe to it any more when the mail is to go out gets nothing. Null: it goes out anyway.
    ADD COLUMN category text,
    -- The process that works on it, while claim is set.
    ADD COLUMN instance text,
    -- True while what it says holds, false once that has passed; null for what cannot pass.
    ADD COLUMN stands boolean,
    -- The mail without which this one would not make sense.
    ADD COLUMN follows text;
UPDATE mailer.jobs SET category = 'alerts' WHERE kind = 'alert_raised' AND status = 'pending';
CREATE INDEX jobs_standing ON mailer.jobs (org_id, topic) WHERE stands;
CREATE INDEX jobs_claimed ON mailer.jobs (instance) WHERE status = 'pending' AND instance IS NOT NULL;
CREATE INDEX jobs_finished ON mailer.jobs (finished_at) WHERE finished_at IS NOT NULL;

-- What holds, not only alerts: mails are made of it at due_at, if it still holds then. raised_at is when that was done
-- last.
ALTER TABLE mailer.raised
    ADD COLUMN kind text,
    ADD COLUMN category text,
    ADD COLUMN event_id text,
    ADD COLUMN data jsonb,
    ADD COLUMN request_id text,
    ADD COLUMN due_at timestamptz(3);
CREATE INDEX raised_due ON mailer.raised (due_at) WHERE due_at IS NOT NULL;

-- The mailers; one that has not been seen for ten seconds works on nothing any more. since is the beginning of the time
-- in which it was seen without a gap.
CREATE TABLE mailer.instances (
    instance text PRIMARY KEY,
    since    timestamptz(3) NOT NULL,
    seen_at  timestamptz(3) NOT NULL
);
GRANT SELECT, INSERT, UPDATE, DELETE ON mailer.instances TO ebon_mailer;
