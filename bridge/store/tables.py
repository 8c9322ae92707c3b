"""The directory's tables: tenants, their PBXs, the private addresses they use; no column about a person.

Every primary key begins with the tenant, so that no row can be reached without saying whose it is.
"""

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    text,
)

LONGEST_ID = 64
LONGEST_NAME = 80
LONGEST_HOST = 253
LONGEST_ADDRESS = 45

METADATA = MetaData(
    naming_convention={
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Constraints have names, so that migrations can speak of them."""

TENANTS = Table(
    "tenants",
    METADATA,
    Column("id", String(LONGEST_ID), primary_key=True),
    Column("created_at", DateTime(timezone=True), nullable=False),
)
"""Teams tenants that were onboarded."""

PBXS = Table(
    "pbxs",
    METADATA,
    Column("tenant", String(LONGEST_ID), ForeignKey(TENANTS.c.id, ondelete="CASCADE"), primary_key=True),
    Column("id", String(LONGEST_ID), primary_key=True),
    Column("name", String(LONGEST_NAME), nullable=False),
    Column("host", String(LONGEST_HOST), nullable=False),
    Column("port", Integer, nullable=False),
    Column("tls", String(16), nullable=False),
    Column("certificate_sha256", String(64)),
    Column("is_primary", Boolean, nullable=False),
    Column("callbacks", String(16), nullable=False),
    Column("country", String(2), nullable=False),
    CheckConstraint(f"length(name) BETWEEN 1 AND {LONGEST_NAME}", "name_length"),
    CheckConstraint(f"length(host) BETWEEN 1 AND {LONGEST_HOST}", "host_length"),
    CheckConstraint("port BETWEEN 1 AND 65535", "port_range"),
    Index(
        "one_primary_per_tenant",
        "tenant",
        unique=True,
        sqlite_where=text("is_primary"),
        postgresql_where=text("is_primary"),
    ),
)
"""PBXs as administrators of the tenants mapped them."""

TENANT_RULES = Table(
    "tenant_rules",
    METADATA,
    Column("tenant", String(LONGEST_ID), ForeignKey(TENANTS.c.id, ondelete="CASCADE"), primary_key=True),
    Column("presence", JSON, nullable=False),
)
"""What an administrator chose of the presence rules: words of our own table and texts, nothing about a person."""

PRIVATE_ADDRESSES = Table(
    "private_addresses",
    METADATA,
    Column("tenant", String(LONGEST_ID), ForeignKey(TENANTS.c.id, ondelete="CASCADE"), primary_key=True),
    Column("address", String(LONGEST_ADDRESS), primary_key=True),
    Column("pbx", String(LONGEST_ID), nullable=False),
    UniqueConstraint("address"),
)
"""Private addresses and the one tenant each belongs to; an address is claimed before its PBX is stored."""
