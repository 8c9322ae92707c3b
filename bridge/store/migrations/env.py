"""Alembic's entry: runs the migrations on the connection that the program hands over; there is no configuration file."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
