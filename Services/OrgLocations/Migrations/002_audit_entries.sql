-- What an entry is called outside: the ids count the changes of all organizations, which is nobody's business.
ALTER TABLE org.audit
    ADD COLUMN entry_id text NOT NULL DEFAULT 'aud_' || replace(gen_random_uuid()::text, '-', '');
CREATE UNIQUE INDEX audit_entry_id ON org.audit (entry_id);
