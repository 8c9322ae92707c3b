"""Presence rules of tenants."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "tenant_rules",
        sa.Column("tenant", sa.String(64), nullable=False),
        sa.Column("presence", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("tenant", name="pk_tenant_rules"),
        sa.ForeignKeyConstraint(["tenant"], ["tenants.id"], ondelete="CASCADE", name="fk_tenant_rules_tenants"),
    )


def downgrade() -> None:
    """Remove it."""
    op.drop_table("tenant_rules")
