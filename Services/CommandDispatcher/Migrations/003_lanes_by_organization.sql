-- The alerts of an organization look for the Z reports of its devices, not of everybody's.
CREATE INDEX lanes_by_organization ON dispatch.lanes (org_id);
