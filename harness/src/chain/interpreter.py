"""Runs the program `alembic` as often as it is told to, each time in a process of its own that has Alembic loaded.

Loading Alembic and SQLAlchemy takes longer than most of what a revision does. They are loaded once, as the program itself
begins with; for each command the process forks, and the fork runs the program's own file. Nothing that a command does to
its interpreter is seen by the next.

Commands come by standard input: each a line of hexadecimal words, its arguments. Answers go to standard output: a letter, a
length in four bytes, and as many bytes: `r` it is ready, `u` it is unusual and must be run in another way, `o` output of the
command, `e` the command has ended, with its status as a shell has it. Descriptor 3 is a pipe that only the harness holds.
"""

import gc
import os
import select
import signal
import sys
import time

LIFE = 3
LEFTOVERS = 1.0


def answer(to, letter, text=b""):
    text = letter + len(text).to_bytes(4, "big") + text
    while text:
        text = text[os.write(to, text) :]


def loaded(script):
    """What the program imports first. Whatever is printed by it would be missing from each command's output."""
    # As Python has it where a script is run by its name.
    if sys.path and sys.path[0] == "":
        sys.path[0] = os.path.dirname(os.path.realpath(script))
    printed, printing = os.pipe()
    os.set_blocking(printed, False)
    os.set_blocking(printing, False)
    for standard in (1, 2):
        os.dup2(printing, standard)
    try:
        import alembic.config  # noqa: F401

        sys.stdout.flush()
        sys.stderr.flush()
    except BaseException:
        return False
    silence = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(silence, standard)
    os.close(silence)
    os.close(printing)
    said = os.read(printed, 1)
    os.close(printed)
    # What is loaded stays as it is: else each command would walk through all of it to collect it at its end.
    gc.freeze()
    return said == b""


def keep(output, status, ours):
    """Forks the command's process, and returns in it. They and whatever it starts are one process group, whose end is one
    signal: when the command has ended, or the harness has."""
    os.setpgid(0, 0)
    if os.fork() == 0:
        for other in (*ours, output, status):
            os.close(other)
        os.read(LIFE, 1)
        os.kill(0, signal.SIGKILL)
        os._exit(0)
    command = os.fork()
    if command == 0:
        os.dup2(output, 1)
        os.dup2(output, 2)
        for other in (*ours, output, status, LIFE):
            os.close(other)
        return
    os.close(output)
    _, ended = os.waitpid(command, 0)
    code = os.WEXITSTATUS(ended) if os.WIFEXITED(ended) else 128 + os.WTERMSIG(ended)
    os.write(status, str(code).encode())
    os.kill(0, signal.SIGKILL)
    os._exit(0)


def relay(printed, status, keeper, to):
    """Answers with what the command prints until it has ended, and a little longer where something holds its output open."""
    code, until = None, None
    while True:
        wanted = [printed] if code is not None else [printed, status]
        wait = None if until is None else max(0.0, until - time.monotonic())
        ready, _, _ = select.select(wanted, [], [], wait)
        if printed in ready:
            text = os.read(printed, 65536)
            if text:
                answer(to, b"o", text)
            elif code is not None:
                break
            else:
                # It closed its output, and goes on.
                code = os.read(status, 16)
                os.waitpid(keeper, 0)
                break
        elif status in ready:
            code = os.read(status, 16)
            os.waitpid(keeper, 0)
            until = time.monotonic() + LEFTOVERS
        elif until is not None and time.monotonic() >= until:
            break
    answer(to, b"e", code)


def serve(script):
    """Takes commands until there is none; returns, in each command's own process, its arguments."""
    commands, to = os.dup(0), os.dup(1)
    if not loaded(script):
        answer(to, b"u")
        os._exit(0)
    answer(to, b"r")
    pending = b""
    while True:
        while b"\n" not in pending:
            more = os.read(commands, 65536)
            if not more:
                os._exit(0)
            pending += more
        line, pending = pending.split(b"\n", 1)
        printed, output = os.pipe()
        status, ended = os.pipe()
        keeper = os.fork()
        if keeper == 0:
            keep(output, ended, (commands, to, printed, status))
            return [bytes.fromhex(word).decode("utf-8", "surrogateescape") for word in line.decode().split()]
        os.close(output)
        os.close(ended)
        relay(printed, status, keeper, to)
        os.close(printed)
        os.close(status)


def run(script):
    arguments = serve(script)
    sys.argv = [script, *arguments]
    with open(script, "rb") as file:
        code = compile(file.read(), script, "exec")
    # From here on only what a script finds that was run by its name.
    names, python, builtins = sys.modules["__main__"].__dict__, sys, __builtins__
    names.clear()
    names.update(__name__="__main__", __file__=script, __builtins__=builtins, __doc__=None, __package__=None)
    names.update(__spec__=None, __loader__=None, __cached__=None)
    try:
        exec(code, names)
    except (SystemExit, KeyboardInterrupt):
        raise
    except BaseException as error:
        # As it is shown of a script, without the line above.
        python.excepthook(type(error), error, error.__traceback__.tb_next)
        python.exit(1)


run(sys.argv[1])
