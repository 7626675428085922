"""Identifiers that sort by the time they were made (UUIDv7), so that indexes grow at one end."""

from uuid import UUID

import uuid_utils.compat


def new_id() -> UUID:
    return uuid_utils.compat.uuid7()
