"""Reads what a server logged with log_statement=all and log_line_prefix='%p|%d|%u|%e|'."""
import re
from dataclasses import dataclass, field

PREFIX = "%p|%d|%u|%e|"
# The login that tries the checks.
PROBE = "rlsgate_probe"
LINE = re.compile(r"(\d+)\|([^|]*)\|([^|]*)\|([^|]*)\|([A-Z]+):  (.*)", re.S)
LOGGED = re.compile(r"(?:statement|execute [^:]*): (.*)", re.S)
PARAMETER = re.compile(r"\$(\d+) = (NULL|'(?:[^']|'')*')")
# What a semicolon or a `$1` means nothing in.
QUOTED = r"""--[^\n]*|/\*.*?\*/|[eE]'(?:\\.|''|[^'\\])*'|'(?:''|[^'])*'|"(?:""|[^"])*"|(?P<tag>\$(?:[A-Za-z_]\w*)?\$).*?(?P=tag)"""
BEGIN = re.compile(r"\s*(begin|start\s+transaction)\b", re.I)
END = re.compile(r"\s*(commit|end|abort|rollback(?!\s+(work\s+|transaction\s+)?to\b))\b", re.I)
CONTEXT = re.compile(r"\s*(set|reset|savepoint|release|rollback|deallocate)\b|\s*select\s+(pg_catalog\.)?set_config\s*\(", re.I)
SAVEPOINT = re.compile(r"\s*savepoint\b", re.I)
WITNESS = re.compile(r"\s*set\s+local\s+role\b.*witness", re.I)
# What the harness asks for itself: who it is, which tables were written, what their rows are now.
READBACK = re.compile(r"\s*select current_user\b(?!.*rlsgate\.transaction)", re.I | re.S)
BOOKKEEPING = re.compile(r"\s*select\b.*(rlsgate\.transaction|pg_stat_get_xact_|tableoid::text \|\| ctid::text)|\s*select current_user\b", re.I | re.S)


@dataclass
class Message:
    """One message of a client: a statement, or several in one simple query."""

    logged: str
    sql: str  # with its parameters filled in
    sqlstate: str = ""  # of the error that ended it
    then: "Message | None" = None  # what the connection sent next

    def statements(self):
        """Its statements, without semicolons."""
        parts, rest = [""], 0
        for token in re.finditer(QUOTED + "|;", self.sql, re.S):
            parts[-1] += self.sql[rest : token.start()]
            rest = token.end()
            if token[0] == ";":
                parts.append("")
            elif not token[0].startswith("--"):
                parts[-1] += token[0]
        parts[-1] += self.sql[rest:]
        return [part.strip() for part in parts if part.strip()]

    @staticmethod
    def proof(statements):
        """Where the witness role tries what the actor does, in the same message: as that role, with a savepoint before it. And
        whether it does so before the actor."""
        for n, (one, two) in enumerate(zip(statements, statements[1:])):
            if WITNESS.match(one) and SAVEPOINT.match(two):
                return n + 2, False
            if SAVEPOINT.match(one) and WITNESS.match(two):
                return n + 2, True
        return None, False

    def stopped_proof(self, statements, proof, before):
        """Whether the error is the witness role's, who is not refused (42501). Where it was the first to try, the rest of the
        message was sent again; else, of a run that passes, no constraint (class 23) has stopped an actor that is to be denied."""
        if before:
            rest = statements[: proof - 1] + statements[proof + 2 :]
            return self.sqlstate != "42501" and self.then is not None and self.then.statements() == rest
        return self.sqlstate.startswith("23")

    def outcomes(self):
        """What was executed, as (statement, SQLSTATE): up to the one that failed, which is the one that was tried."""
        statements = self.statements()
        if not self.sqlstate:
            return [(statement, "") for statement in statements]
        became = [n for n, statement in enumerate(statements) if READBACK.match(statement)]
        after = became[-1] if became else 0
        proof, before = self.proof(statements) if became else (None, False)
        others = (n for n in range(after, len(statements)) if n != proof)
        tried = (n for n in others if not is_context(statements[n]) and not is_bookkeeping(statements[n]))
        last = proof if proof is not None and self.stopped_proof(statements, proof, before) else next(tried, 0)
        return [(statement, "") for statement in statements[:last]] + [(statements[last], self.sqlstate)]


@dataclass
class Session:
    """One connection, in the order of what it sent."""

    database: str
    user: str
    messages: list = field(default_factory=list)


def is_context(statement):
    """Whether a statement only says who acts, or brackets what is tried."""
    return bool(CONTEXT.match(statement))


def is_bookkeeping(statement):
    """Whether a statement is none that somebody would assert anything of."""
    return bool(BOOKKEEPING.match(statement)) and not is_context(statement)


def with_parameters(sql, detail):
    """The statement with the values that the log gives in place of `$1`, `$2`."""
    values = dict(PARAMETER.findall(detail))
    put = lambda match: values.get(match["number"], match[0]) if match["number"] else match[0]
    return re.sub(QUOTED + r"|\$(?P<number>\d+)", put, sql, flags=re.S)


def entries(lines):
    """(process, database, user, SQLSTATE, severity, text) of each entry; further lines of one begin with a tab."""
    entry = ""
    for line in [*lines, "0||||LOG:  end\n"]:
        if line.startswith("\t"):
            entry += line[1:]
            continue
        match = LINE.match(entry.rstrip("\n"))
        if match:
            yield match.groups()
        entry = line


def sessions(lines):
    """The sessions of a log, in the order of their first statement."""
    found, failing = {}, {}
    for process, database, user, sqlstate, severity, text in entries(lines):
        messages = found.setdefault(process, Session(database, user)).messages
        logged = LOGGED.fullmatch(text) if severity == "LOG" else None
        if logged:
            messages.append(Message(logged[1], logged[1]))
        elif severity == "DETAIL" and text.lower().startswith("parameters: ") and messages:
            messages[-1].sql = with_parameters(messages[-1].sql, text)
        elif severity == "ERROR":
            failing[process] = sqlstate
        elif severity == "STATEMENT" and process in failing:
            # What fails while it is parsed was not logged before.
            if not messages or messages[-1].logged != text or messages[-1].sqlstate:
                messages.append(Message(text, text))
            messages[-1].sqlstate = failing.pop(process)
    return list(found.values())


def of_checks(lines, user):
    """The messages that `user` sent, session by session, to the database that most checks were tried in: the only worker's.

    Cases that commit run in databases of their own; they are left out, to the disadvantage of the harness, whose time
    holds them."""
    every = sessions(lines)
    for session in every:
        for one, two in zip(session.messages, session.messages[1:]):
            one.then = two
    sizes = {}
    for session in every:
        if session.user == PROBE:
            sizes[session.database] = sizes.get(session.database, 0) + len(session.messages)
    worker = max(sizes, key=sizes.get, default="")
    return [session.messages for session in every if (session.user, session.database) == (user, worker)]
