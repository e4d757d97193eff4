CREATE SCHEMA IF NOT EXISTS mailer;
GRANT USAGE ON SCHEMA mailer TO ebon_mailer;

-- One mail to one recipient. Whoever works on a job has put its own token into claim and moved due_at behind the time
-- that the work may take: should it die, the job is due again by itself.
CREATE TABLE mailer.jobs (
    job_id      text PRIMARY KEY,
    org_id      text NOT NULL,
    event_id    text NOT NULL,
    recipient   text NOT NULL,
    kind        text NOT NULL,
    -- What the mail is about, so that what is not to be said any more can be found: <device>/<alert type>.
    topic       text NOT NULL,
    data        jsonb NOT NULL,
    request_id  text,
    status      text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'sent', 'given_up', 'withdrawn')),
    attempts    integer NOT NULL DEFAULT 0,
    claim       text,
    -- From when on it is to be sent: its Date, so that a mail sent again is the same mail.
    wanted_at   timestamptz(3) NOT NULL,
    due_at      timestamptz(3) NOT NULL,
    -- Given up when it has not been accepted until then.
    expires_at  timestamptz(3) NOT NULL,
    finished_at timestamptz(3),
    last_error  text,
    UNIQUE (event_id, recipient),
    CHECK ((status = 'pending') = (finished_at IS NULL))
);
CREATE INDEX jobs_due ON mailer.jobs (due_at) WHERE status = 'pending';
CREATE INDEX jobs_topic ON mailer.jobs (org_id, topic) WHERE status = 'pending';

-- When a raised alert was last mailed, so that one which comes and goes does not fill mailboxes.
CREATE TABLE mailer.raised (
    org_id    text NOT NULL,
    topic     text NOT NULL,
    raised_at timestamptz(3) NOT NULL,
    PRIMARY KEY (org_id, topic)
);

GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA mailer TO ebon_mailer;
