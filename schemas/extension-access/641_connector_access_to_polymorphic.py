"""Step 2 of the runbook: connector access moves to the polymorphic model.

Takes SUPABASE_DB_URL and SUPABASE_SCHEMA from the environment. Additive: the legacy table is only read. One
transaction under one advisory lock, so that a run that is stopped leaves nothing and two at once do the work of one;
every insert passes over what is there, so that a run again writes nothing.
"""

import os
import sys

import psycopg
from psycopg import sql

MADE_BY = "connector_access_policy"
LOCK = "cinatra:641-connector-access-to-polymorphic"

INSTALLS = """
    insert into {schema}.installed_extension
           (organization_id, kind, package_name, owner_level, owner_id, migrated_from)
    select l.org_id, 'connector', l.package_id, 'organization', l.org_id, %(made_by)s
      from {schema}.connector_access_policy l
        on conflict (organization_id, kind, package_name, owner_level, owner_id) do nothing"""

POLICIES = """
    insert into {schema}.extension_access_policy (organization_id, resource_kind, resource_id, policy, migrated_from)
    select ie.organization_id, 'connector', ie.id, jsonb_build_object('runDataVisibility', l.visibility), %(made_by)s
      from {schema}.connector_access_policy l
      join {schema}.installed_extension ie
        on ie.organization_id = l.org_id and ie.kind = 'connector' and ie.package_name = l.package_id
       and ie.owner_level = 'organization' and ie.owner_id = l.org_id
        on conflict (resource_kind, resource_id) do nothing"""


def main() -> int:
    try:
        url, schema = os.environ["SUPABASE_DB_URL"], os.environ["SUPABASE_SCHEMA"]
    except KeyError as missing:
        print(f"{missing.args[0]} is not set", file=sys.stderr)
        return 2
    with psycopg.connect(url) as connection, connection.cursor() as cursor:
        named = {"schema": sql.Identifier(schema)}
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (LOCK,))
        cursor.execute(sql.SQL("select count(*) from {schema}.connector_access_policy").format(**named))
        (legacy,) = cursor.fetchone()
        print(f"{legacy} legacy connector_access_policy row(s) to migrate")
        cursor.execute(sql.SQL(INSTALLS).format(**named), {"made_by": MADE_BY})
        created = cursor.rowcount
        cursor.execute(sql.SQL(POLICIES).format(**named), {"made_by": MADE_BY})
        written = cursor.rowcount
    print(f"installed_extension created: {created}, connector policies written: {written}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
