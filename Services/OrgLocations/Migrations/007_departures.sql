-- By what name those are found in the audit who have changed something and are gone.
CREATE INDEX audit_departures ON org.audit (org_id, subject_id) WHERE action IN ('member.remove', 'api_key.revoke');
