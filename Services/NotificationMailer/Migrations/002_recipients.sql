-- How much one mailbox has been sent of late.
CREATE INDEX jobs_recipient ON mailer.jobs (lower(recipient), kind, wanted_at);
