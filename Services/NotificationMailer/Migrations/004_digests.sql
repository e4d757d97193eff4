-- Whether it holds now: what is said to hold again without having passed is no news.
ALTER TABLE mailer.raised ADD COLUMN holds boolean NOT NULL DEFAULT false;
UPDATE mailer.raised SET holds = true WHERE due_at IS NOT NULL;

-- The digests of each week, named by the Monday on which they are made. Organizations are taken in the order of their
-- ids; after_org is the last that has been.
CREATE TABLE mailer.digests (
    monday      date PRIMARY KEY,
    after_org   text NOT NULL DEFAULT '',
    finished_at timestamptz(3)
);
-- The week that ended before there were digests goes without.
INSERT INTO mailer.digests (monday, finished_at)
SELECT date_trunc('week', now() AT TIME ZONE 'UTC' - interval '6 hours')::date, now();
GRANT SELECT, INSERT, UPDATE, DELETE ON mailer.digests TO ebon_mailer;
