#!/usr/bin/env python3
"""Write the statements of a run's checks as pgTAP assertions: each must live, or throw the SQLSTATE that it threw.

What says who acts (SET ROLE, set_config) stays a statement. A transaction of the run is bracketed by a savepoint and
never split between files. The results of queries are not compared, which spares pg_prove a good part of the work.

Usage: as_pgtap.py LOG USER FILES OUT
"""
import pathlib
import sys

import statement_log


def literal(text):
    return "'" + text.replace("'", "''") + "'" if "\\" not in text else "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def transactions(log, user):
    """The statements of each transaction as (statement, SQLSTATE)."""
    with open(log, encoding="utf-8", errors="replace") as lines:
        sessions = statement_log.of_checks(lines, user)
    for session in sessions:
        current = None
        for message in session:
            statements = message.statements()
            for number, statement in enumerate(statements, 1):
                if statement_log.BEGIN.match(statement):
                    current = []
                elif statement_log.END.match(statement):
                    if current:
                        yield current
                    current = None
                elif current is not None:
                    # Of several statements in one message the last one is the one that is tried.
                    current.append((statement, message.sqlstate if number == len(statements) else ""))


def assertions(transaction):
    """The lines of one transaction, and how many of them assert."""
    lines, count = ["savepoint tried;"], 0
    for statement, sqlstate in transaction:
        if statement_log.is_context(statement):
            quiet = " \\g /dev/null" if statement.lower().startswith("select") else ";"
            lines.append(statement + quiet)
            continue
        count += 1
        if sqlstate:
            lines.append(f"select throws_ok({literal(statement)}, '{sqlstate}');")
        else:
            lines.append(f"select lives_ok({literal(statement)});")
    return [*lines, "rollback to savepoint tried;"], count


def main(log, user, files, out):
    parts = [[["begin;"], 0] for _ in range(int(files))]
    everything = [assertions(transaction) for transaction in transactions(log, user)]
    everything = [(lines, count) for lines, count in everything if count]
    for number, (lines, count) in enumerate(everything):
        part = parts[number * len(parts) // len(everything)]
        part[0] += lines
        part[1] += count
    for number, (lines, count) in enumerate(parts):
        lines.insert(1, f"select plan({count});")
        lines += ["select * from finish();", "rollback;"]
        pathlib.Path(out, f"{number:02}.sql").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(sum(count for _, count in parts))


if __name__ == "__main__":
    main(*sys.argv[1:])
