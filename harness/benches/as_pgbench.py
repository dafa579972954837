#!/usr/bin/env python3
"""Write the messages that a run's checks sent as a pgbench script: one message there is one message here.

pgbench gives up at the first error, so a statement that failed in the run is caught in a DO block; nothing else differs.

Usage: as_pgbench.py LOG USER > script
"""
import sys

import statement_log


def caught(statement):
    return f"do $caught$ begin execute $tried${statement}$tried$; exception when others then null; end $caught$"


def message_text(message):
    outcomes = message.outcomes()
    return " \\;\n".join(caught(statement) if sqlstate else statement for statement, sqlstate in outcomes) + ";"


def main(log, user):
    with open(log, encoding="utf-8", errors="replace") as lines:
        sessions = statement_log.of_checks(lines, user)
    for session in sessions:
        is_open = False
        print("deallocate all;")
        for message in session:
            if not message.statements():
                continue
            for statement in message.statements():
                is_open = bool(statement_log.BEGIN.match(statement)) or is_open and not statement_log.END.match(statement)
            print(message_text(message))
        if is_open:
            print("rollback;")


if __name__ == "__main__":
    main(*sys.argv[1:])
