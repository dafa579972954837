"""Runs the revisions against the database that DATABASE_URL names."""

import os
from logging.config import fileConfig

from alembic import context
from sqlalchemy import create_engine, make_url, pool

fileConfig(context.config.config_file_name)

# Each revision commits by itself: one that fails leaves those before it applied, and a lock is held for one revision only.
OPTIONS = {"target_metadata": None, "transaction_per_migration": True}


def address():
    """The URL as libpq writes it, `postgresql://…`, for the driver that this project pins."""
    try:
        url = make_url(os.environ["DATABASE_URL"])
    except KeyError:
        raise SystemExit("DATABASE_URL is not set; it names the database, e.g. postgresql://migrator@localhost/app") from None
    return url.set(drivername="postgresql+psycopg")


def offline():
    """`--sql`: the statements, printed."""
    # By name, since the driver's own style of parameters writes each `%` of a statement twice.
    context.configure(dialect_name="postgresql", literal_binds=True, dialect_opts={"paramstyle": "named"}, **OPTIONS)
    with context.begin_transaction():
        context.run_migrations()


def online():
    with create_engine(address(), poolclass=pool.NullPool).connect() as connection:
        context.configure(connection=connection, **OPTIONS)
        with context.begin_transaction():
            context.run_migrations()


if context.is_offline_mode():
    offline()
else:
    online()
