#!/usr/bin/env python3
"""Write the statements of a run's checks as pgTAP assertions: each must live, or throw the SQLSTATE that it threw.

What says who acts (SET ROLE, set_config) and brackets a transaction stays a statement. What the harness asks to come to its
verdict (who it is before and after, which tables were written, their rows) is asserted too, or left out: WHAT is `all` or
`tried`. A transaction of the run is one here, and never split between files: in a longer one, two jobs would deadlock. The results of queries
are not compared, which spares pg_prove a good part of the work.

Usage: as_pgtap.py LOG USER WHAT FILES OUT
"""
import pathlib
import re
import sys

import statement_log

PREPARE = re.compile(r"\s*prepare\b", re.I)
DISCARD = re.compile(r"\s*discard\s+all\b", re.I)


def literal(text):
    return "'" + text.replace("'", "''") + "'" if "\\" not in text else "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def transactions(log, user):
    """The statements of each transaction as (statement, SQLSTATE); what a connection prepares it uses in later ones, so
    that all of such a connection are one."""
    with open(log, encoding="utf-8", errors="replace") as lines:
        sessions = statement_log.of_checks(lines, user)
    for session in (part for session in sessions for part in between_discards(session)):
        own = list(of_session(session))
        if any(PREPARE.match(statement) for transaction in own for statement, _ in transaction):
            yield [("deallocate all", ""), *(outcome for transaction in own for outcome in transaction)]
        else:
            yield from own


def between_discards(session):
    """The messages of one connection, parted where it was cleared for another use."""
    part = []
    for message in session:
        if DISCARD.match(message.sql):
            yield part
            part = []
        else:
            part.append(message)
    yield part


def of_session(session):
    """The transactions of one connection."""
    current = None
    for message in session:
        for statement, sqlstate in message.outcomes():
            if statement_log.BEGIN.match(statement):
                current = []
            elif statement_log.END.match(statement):
                if current:
                    yield current
                current = None
            elif current is not None:
                current.append((statement, sqlstate))


def assertions(transaction, what):
    """The lines of one transaction, and how many of them assert."""
    lines, count = ["begin;"], 0
    for statement, sqlstate in transaction:
        if what == "tried" and statement_log.is_bookkeeping(statement):
            continue
        if statement_log.is_context(statement):
            quiet = " \\g /dev/null" if statement.lower().startswith("select") else ";"
            lines.append(statement + quiet)
            continue
        count += 1
        if sqlstate:
            lines.append(f"select throws_ok({literal(statement)}, '{sqlstate}');")
        else:
            lines.append(f"select lives_ok({literal(statement)});")
    return [*lines, "rollback;"], count


def main(log, user, what, files, out):
    parts = [[[], 0] for _ in range(int(files))]
    everything = [assertions(transaction, what) for transaction in transactions(log, user)]
    everything = [(lines, count) for lines, count in everything if count]
    for number, (lines, count) in enumerate(everything):
        part = parts[number * len(parts) // len(everything)]
        part[0] += lines
        part[1] += count
    for number, (lines, count) in enumerate(parts):
        # Without finish(): pg_prove counts, and what pgTAP notes of the tests is rolled back with them.
        lines.insert(0, f"select plan({count});")
        pathlib.Path(out, f"{number:02}.sql").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(sum(count for _, count in parts))


if __name__ == "__main__":
    main(*sys.argv[1:])
