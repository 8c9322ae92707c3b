"""Tenants, PBXs and private addresses."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the three tables."""
    op.create_table(
        "tenants",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tenants"),
    )
    op.create_table(
        "pbxs",
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("host", sa.String(253), nullable=False),
        sa.Column("port", sa.Integer, nullable=False),
        sa.Column("tls", sa.String(16), nullable=False),
        sa.Column("certificate_sha256", sa.String(64)),
        sa.Column("is_primary", sa.Boolean, nullable=False),
        sa.Column("callbacks", sa.String(16), nullable=False),
        sa.Column("country", sa.String(2), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "id", name="pk_pbxs"),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"], ondelete="CASCADE", name="fk_pbxs_tenants"),
        sa.CheckConstraint("length(name) BETWEEN 1 AND 80", name="ck_pbxs_name_length"),
        sa.CheckConstraint("length(host) BETWEEN 1 AND 253", name="ck_pbxs_host_length"),
        sa.CheckConstraint("port BETWEEN 1 AND 65535", name="ck_pbxs_port_range"),
    )
    where = sa.text("is_primary")
    op.create_index(
        "one_primary_per_tenant", "pbxs", ["tenant"], unique=True, sqlite_where=where, postgresql_where=where
    )
    op.create_table(
        "private_addresses",
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("address", sa.String(45), nullable=False),
        sa.Column("pbx", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "address", name="pk_private_addresses"),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"], ondelete="CASCADE", name="fk_private_addresses_tenants"),
        sa.UniqueConstraint("address", name="uq_private_addresses_address"),
    )


def downgrade() -> None:
    """Remove them."""
    for table in ("private_addresses", "pbxs", "tenants"):
        op.drop_table(table)
