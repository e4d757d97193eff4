-- Every status that Stripe has told of a subscription, in an event or when it was asked. The seven days of past_due
-- count from the first of the unbroken run of such reports, whatever the order in which they came.
CREATE TABLE billing.status_reports (
    subscription_id text NOT NULL,
    source_id       text NOT NULL,
    status          text NOT NULL,
    reported_at     timestamptz(3) NOT NULL,
    PRIMARY KEY (subscription_id, source_id)
);
INSERT INTO billing.status_reports (subscription_id, source_id, status, reported_at)
SELECT subscription_id, status_event_id, status, status_at FROM billing.subscriptions;

ALTER TABLE billing.subscriptions
    ADD COLUMN past_due_since timestamptz(3),
    -- When the end of the seven days was dealt with.
    ADD COLUMN grace_ended_at timestamptz(3);
UPDATE billing.subscriptions SET past_due_since = status_at WHERE status = 'past_due';
CREATE INDEX subscriptions_in_grace ON billing.subscriptions (coalesce(past_due_since, status_at))
    WHERE status = 'past_due' AND grace_ended_at IS NULL;

-- How long a debt leaves the plan as it is; PaymentFailed.graceDays says it to those who are mailed.
CREATE FUNCTION billing.grace() RETURNS interval LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN interval '7 days';

CREATE OR REPLACE VIEW billing.decided_subscriptions AS
SELECT org_id, subscription_id, plan, status, status_at, created_at, applied_at,
    -- The release before this column writes none.
    coalesce(past_due_since, status_at) AS past_due_since
FROM billing.subscriptions
WHERE org_id IS NOT NULL AND plan IS NOT NULL AND status NOT IN ('incomplete', 'incomplete_expired');

CREATE OR REPLACE VIEW billing.organization_plan AS
SELECT g.org_id, g.plan
FROM billing.plan_grants g
WHERE NOT EXISTS (
    SELECT FROM billing.decided_subscriptions s WHERE s.org_id = g.org_id AND s.applied_at > g.granted_at)
UNION ALL
SELECT newest.org_id, newest.plan
FROM (
    SELECT DISTINCT ON (org_id) org_id, plan
    FROM billing.decided_subscriptions
    WHERE status IN ('active', 'trialing') OR (status = 'past_due' AND past_due_since > now() - billing.grace())
    ORDER BY org_id, created_at DESC, subscription_id DESC
) newest
WHERE NOT EXISTS (
    SELECT FROM billing.plan_grants g
    WHERE g.org_id = newest.org_id
        AND g.granted_at >= (
            SELECT max(s.applied_at) FROM billing.decided_subscriptions s WHERE s.org_id = g.org_id));

-- What an organization may do. Asked for one organization at a time the view's indexes are used; joined, they are not.
CREATE FUNCTION billing.plan_of(text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce((SELECT plan FROM billing.organization_plan WHERE org_id = $1), 'free');
$$;

-- The plan that everybody has been told of. Plans change with events and with time: what differs from here is news.
CREATE TABLE billing.announced_plans (
    org_id text PRIMARY KEY,
    plan   text NOT NULL CHECK (plan IN ('free', 'pro', 'enterprise'))
);
INSERT INTO billing.announced_plans (org_id, plan) SELECT org_id, plan FROM billing.organization_plan;

-- Whoever grants a plan by hand knows of it.
CREATE FUNCTION billing.note_granted_plan() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO billing.announced_plans (org_id, plan)
    SELECT NEW.org_id, billing.plan_of(NEW.org_id)
    ON CONFLICT (org_id) DO UPDATE SET plan = excluded.plan;
    RETURN NULL;
END
$$;
CREATE TRIGGER note_granted_plan AFTER INSERT OR UPDATE ON billing.plan_grants
    FOR EACH ROW EXECUTE FUNCTION billing.note_granted_plan();

-- When a customer's subscriptions are next compared with Stripe's own: daily, and at once when events contradict
-- each other. Whoever is at it holds the row by its due_at.
CREATE TABLE billing.refreshes (
    customer_id  text PRIMARY KEY,
    due_at       timestamptz(3) NOT NULL,
    attempts     integer NOT NULL DEFAULT 0,
    refreshed_at timestamptz(3),
    -- When Stripe was found not to know the customer any more.
    gone_at      timestamptz(3)
);
CREATE INDEX refreshes_due_at ON billing.refreshes (due_at);
INSERT INTO billing.refreshes (customer_id, due_at)
SELECT DISTINCT customer_id, now() FROM billing.subscriptions;
