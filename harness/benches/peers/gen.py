#!/usr/bin/env python3
"""Write the same 200 allow and deny assertions twice into the folder OUT, which holds a copy of this one.

  suite.toml                  200 cases of one check each
  floor.sql, floor.expected   one psql script, a transaction per assertion, and what it must print

Usage: gen.py OUT
"""
import json
import pathlib
import sys

ORGS = {"a": "00000000-0000-0000-0000-00000000000a", "b": "00000000-0000-0000-0000-00000000000b"}
USERS = {"alice": ("a", 1), "adam": ("a", 2), "bob": ("b", 1), "bea": ("b", 2)}
DENY = "deny"  # 42501; any other expectation is a number of rows


def user_id(name):
    tenant, number = USERS[name]
    return f"00000000-0000-0000-0000-0000000000{tenant}{number}"


def row_id(table, tenant, rest):
    return f"{table}0000000-0000-0000-000{1 if tenant == 'a' else 2}-0000000000{rest}"


def reads(name, other, mate, stranger):
    """(title, table, predicate, rows) of what `name` reads."""
    me, them = user_id(name), user_id(stranger)
    yield "reads own org", "orgs", "", 1
    yield "reads own membership", "memberships", "", 1
    yield "reads own projects", "projects", "", 3
    yield "reads tenant documents", "documents", "", 6
    yield "reads own credentials", "credentials", "", 3
    yield "reads public and own templates", "templates", "", 6
    yield "reads tenant audit", "audit_events", "", 3
    yield "reads titles through caller view", "document_titles", "", 6
    yield "no foreign projects", "projects", f"org_id = '{other}'", 0
    yield "no foreign documents", "documents", f"tenant_id = '{other}'", 0
    yield "no foreign audit", "audit_events", f"tenant_id = '{other}'", 0
    yield "no teammate credentials", "credentials", f"user_id = '{user_id(mate)}'", 0
    yield "no foreign credentials", "credentials", f"user_id = '{them}'", 0
    yield "no private foreign templates", "templates", f"owner_id <> '{me}' and not is_public", 0
    yield "no foreign org", "orgs", f"id = '{other}'", 0
    yield "no foreign membership", "memberships", f"user_id <> '{me}'", 0
    for whose in USERS:
        if whose != name:
            tenant, number = USERS[whose]
            for i in (1, 2, 3):
                yield f"no credential {whose}{i}", "credentials", f"id = '{row_id(3, tenant, f'{number}{i}')}'", 0


def writes(name, other_tenant, other, mate, stranger):
    """(title, statement, expectation) of what `name` must not write."""
    me, them, mate = user_id(name), user_id(stranger), user_id(mate)
    new = lambda table: row_id(table, other_tenant, "99")
    yield "cannot update foreign project", f"update public.projects set title = 'x' where org_id = '{other}'", 0
    yield "cannot update foreign document", f"update public.documents set body = 'x' where tenant_id = '{other}'", 0
    yield "cannot update teammate document", f"update public.documents set body = 'x' where owner_id = '{mate}'", 0
    yield "cannot update foreign credential", f"update public.credentials set secret = 'x' where user_id = '{them}'", 0
    yield "cannot update foreign template", f"update public.templates set body = 'x' where owner_id <> '{me}'", 0
    yield "cannot update foreign audit", f"update public.audit_events set message = 'x' where tenant_id = '{other}'", 0
    yield "cannot delete foreign project", f"delete from public.projects where org_id = '{other}'", 0
    yield "cannot delete teammate document", f"delete from public.documents where owner_id = '{mate}'", 0
    yield "cannot delete foreign credential", f"delete from public.credentials where user_id = '{them}'", 0
    yield "cannot delete foreign template", f"delete from public.templates where owner_id <> '{me}'", 0
    yield "cannot insert foreign project", f"insert into public.projects values ('{new(1)}', '{other}', 'x')", DENY
    yield "cannot insert foreign document", f"insert into public.documents values ('{new(2)}', '{other}', '{me}', 'x')", DENY
    yield "cannot insert foreign credential", f"insert into public.credentials values ('{new(3)}', '{them}', 'x')", DENY
    yield "cannot move own document to foreign tenant", f"update public.documents set tenant_id = '{other}' where owner_id = '{me}'", DENY
    yield "cannot insert foreign audit", f"insert into public.audit_events values ('{new(5)}', '{other}', 'x')", DENY


def assertions_of(name):
    """(title, statement, expectation) of one user."""
    tenant, _ = USERS[name]
    other_tenant = "b" if tenant == "a" else "a"
    mate = next(user for user in USERS if USERS[user][0] == tenant and user != name)
    stranger = next(user for user in USERS if USERS[user][0] == other_tenant)
    other = ORGS[other_tenant]
    for title, table, predicate, rows in reads(name, other, mate, stranger):
        yield title, f"select 1 as one from public.{table}" + (f" where {predicate}" if predicate else ""), rows
    for title, statement, expectation in writes(name, other_tenant, other, mate, stranger):
        yield title, statement + " returning 1", expectation


def assertions():
    """(actor, role, claims, tenant, title, statement, expectation) of all."""
    for name, (tenant, _) in USERS.items():
        claims = {"sub": user_id(name), "role": "authenticated", "tenant_id": ORGS[tenant]}
        for case in assertions_of(name):
            yield name, "authenticated", claims, ORGS[tenant], *case
    for title, statement, expectation in assertions_of("alice"):
        if statement.startswith("select") and "public.templates" in statement:
            expectation = 0 if "not is_public" in statement else 4
        else:
            expectation = DENY
        yield "anon", "anon", {"role": "anon"}, "", title, statement, expectation


def literal(text):
    return "'" + text.replace("'", "''") + "'"


def floor():
    script = ["\\set VERBOSITY sqlstate", "\\pset tuples_only on", "\\pset format unaligned"]
    expected = []
    for _, role, claims, tenant, _, statement, expectation in assertions():
        script += [
            "begin;",
            f"set local role {role};",
            f"select set_config('request.jwt.claims', {literal(json.dumps(claims))}, true), "
            f"set_config('app.current_tenant', {literal(tenant)}, true) \\g /dev/null",
            f"{statement};" if expectation == DENY else f"with s as ({statement}) select count(*) from s;",
            "rollback;",
        ]
        expected.append("ERROR:  42501" if expectation == DENY else str(expectation))
    return script, expected


def suite():
    lines = [
        'name  = "peers"',
        'chain = "chain"',
        'seed  = "seed.sql"',
        "[contexts.user]",
        'role     = "authenticated"',
        'claims   = { sub = ":user", role = "authenticated", tenant_id = ":tenant" }',
        'settings = { "app.current_tenant" = ":tenant" }',
        "[contexts.visitor]",
        'role     = "anon"',
        'claims   = { role = "anon" }',
        'settings = { "app.current_tenant" = "" }',
        "[actors]",
        'anon = { context = "visitor" }',
    ]
    for name, (tenant, _) in USERS.items():
        lines.append(f'{name} = {{ context = "user", ids = {{ user = "{user_id(name)}", tenant = "{ORGS[tenant]}" }} }}')
    for actor, _, _, _, title, statement, expectation in assertions():
        lines += [f"[cases.{actor}-{title.replace(' ', '-')}]", f'as = "{actor}"', f"sql = {json.dumps(statement)}"]
        lines.append('expect = "refused"' if expectation == DENY else f"expect = {{ rows = {expectation} }}")
        if expectation in (DENY, 0):
            # What is refused or seen by nobody proves something only where somebody may.
            lines.append('control = "@harness"')
    return lines


def main(out):
    script, expected = floor()
    for name, lines in {"suite.toml": suite(), "floor.sql": script, "floor.expected": expected}.items():
        (out / name).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
