"""The audit trail is append-only and hash-chained, by triggers that no session setting can switch off."""

from django.db import migrations

# An entry's hash covers every column a reader sees and the hash before it. jsonb prints its keys in one fixed order, and every
# part is given its length, so that no two different entries have the same text.
HASH = """
CREATE FUNCTION accounts_audit_hash(entry accounts_auditentry) RETURNS bytea
LANGUAGE sql IMMUTABLE AS $$
    SELECT sha256(
        entry.previous_hash || convert_to(string_agg(length(part) || ':' || part, ',' ORDER BY place), 'UTF8')
    )
    FROM unnest(ARRAY[
        coalesce(entry.organization_id::text, 'platform'),
        entry.sequence::text,
        entry.action,
        entry.actor_kind,
        entry.actor_id,
        entry.target_type,
        entry.target_id,
        entry.data::text,
        (extract(epoch FROM entry.created_at) * 1000000)::bigint::text
    ]) WITH ORDINALITY AS parts(part, place)
$$;
"""

# The lock is held to the end of the transaction: two writers of one chain cannot both follow the same entry.
APPEND = """
CREATE FUNCTION accounts_audit_append() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    head accounts_auditentry;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('audit ' || coalesce(NEW.organization_id::text, 'platform'), 0));
    IF NEW.organization_id IS NULL THEN  -- two queries, since IS NOT DISTINCT FROM cannot use the index
        SELECT * INTO head FROM accounts_auditentry
            WHERE organization_id IS NULL ORDER BY sequence DESC LIMIT 1;
    ELSE
        SELECT * INTO head FROM accounts_auditentry
            WHERE organization_id = NEW.organization_id ORDER BY sequence DESC LIMIT 1;
    END IF;
    NEW.sequence := coalesce(head.sequence, 0) + 1;
    NEW.previous_hash := coalesce(head.hash, ''::bytea);
    NEW.hash := accounts_audit_hash(NEW);
    RETURN NEW;
END
$$;
CREATE TRIGGER accounts_audit_append BEFORE INSERT ON accounts_auditentry
    FOR EACH ROW EXECUTE FUNCTION accounts_audit_append();
ALTER TABLE accounts_auditentry ENABLE ALWAYS TRIGGER accounts_audit_append;
"""

REFUSE = """
CREATE FUNCTION accounts_audit_refuse() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER accounts_audit_no_change BEFORE UPDATE OR DELETE ON accounts_auditentry
    FOR EACH ROW EXECUTE FUNCTION accounts_audit_refuse();
CREATE TRIGGER accounts_audit_no_truncate BEFORE TRUNCATE ON accounts_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION accounts_audit_refuse();
ALTER TABLE accounts_auditentry ENABLE ALWAYS TRIGGER accounts_audit_no_change;
ALTER TABLE accounts_auditentry ENABLE ALWAYS TRIGGER accounts_audit_no_truncate;
"""

# Row by row in the chain's order: the first entry that does not follow from the one before it, or NULL.
VERIFY = """
CREATE FUNCTION accounts_audit_first_broken(chain uuid) RETURNS bigint
LANGUAGE sql STABLE AS $$
    SELECT link.id FROM (
        SELECT entry.id, entry.sequence, entry.previous_hash, entry.hash, accounts_audit_hash(entry) AS expected,
               lag(entry.hash, 1, ''::bytea) OVER place AS before, row_number() OVER place AS ordinal
        FROM accounts_auditentry entry
        WHERE entry.organization_id IS NOT DISTINCT FROM chain
        WINDOW place AS (ORDER BY entry.sequence)
    ) link
    WHERE link.hash <> link.expected OR link.previous_hash <> link.before OR link.sequence <> link.ordinal
    ORDER BY link.sequence LIMIT 1
$$;
"""

UNDO = """
DROP FUNCTION accounts_audit_first_broken(uuid);
DROP TRIGGER accounts_audit_no_truncate ON accounts_auditentry;
DROP TRIGGER accounts_audit_no_change ON accounts_auditentry;
DROP FUNCTION accounts_audit_refuse();
DROP TRIGGER accounts_audit_append ON accounts_auditentry;
DROP FUNCTION accounts_audit_append();
DROP FUNCTION accounts_audit_hash(accounts_auditentry);
"""


class Migration(migrations.Migration):
    """Functions and triggers of accounts_auditentry."""

    dependencies = [("accounts", "0001_tenants")]

    operations = [migrations.RunSQL(HASH + APPEND + REFUSE + VERIFY, UNDO)]
