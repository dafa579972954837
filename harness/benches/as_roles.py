#!/usr/bin/env python3
"""Write SQL that makes the login of the checks a member of every role that a run's statement log shows it becoming.

Usage: as_roles.py LOG USER > roles.sql
"""
import re
import sys

import statement_log

BECOMES = re.compile(r"""\bset\s+(?:local\s+|session\s+)?role\s+(?:to\s+)?(?:"([^"]+)"|'([^']+)'|(\w+))|set_config\(\s*'role'\s*,\s*'([^']+)'""", re.I)


def main(log, user):
    with open(log, encoding="utf-8", errors="replace") as lines:
        messages = [message.sql for session in statement_log.of_checks(lines, user) for message in session]
    roles = {next(filter(None, match)) for sql in messages for match in BECOMES.findall(sql)} - {"none", user}
    print(f"create role {user} login noinherit;")
    for role in sorted(roles):
        if role == "rlsgate_witness":
            # As the harness has it: sees every row, and holds what the owners of the tables hold.
            print("create role rlsgate_witness login bypassrls;")
            print("do $$ declare o text; begin for o in select distinct tableowner from pg_tables where schemaname not in "
                  "('pg_catalog', 'information_schema') loop execute format('grant %I to rlsgate_witness', o); end loop; end $$;")
        if role == "rlsgate_public":
            print("create role rlsgate_public;")
        print(f'grant "{role}" to {user};')


if __name__ == "__main__":
    main(*sys.argv[1:])
