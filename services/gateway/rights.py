"""Who may do what: each published operation, the roles of people and the scope of tokens that reach it.

Deny by default: an operation that is not in this table is refused, whatever the role. A test holds the
table equal to the published operations. A token needs the scope and its maker's role.
"""

from dataclasses import dataclass
from enum import StrEnum

from services.contracts.vocabulary import Role
from services.kit.base.errors import Forbidden


class Scope(StrEnum):
    """What a token was made for. Scopes stand side by side: `write` does not include `read`."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


class RoleDoesNotAllow(Forbidden):
    """None of the person's roles reaches this operation."""


class ScopeDoesNotAllow(Forbidden):
    """The token was not given the scope of this operation."""

    action = "Use a token with the scope that is named, or sign in."


@dataclass(frozen=True, slots=True)
class Right:
    """Roles and scope that reach an operation."""

    roles: frozenset[Role]
    scope: Scope


EVERYBODY = frozenset(Role)
MANAGERS = frozenset({Role.OWNER, Role.ADMIN})
FINANCE = MANAGERS | {Role.FINANCE}
AUDITORS = MANAGERS | {Role.AUDITOR}

READ = Right(EVERYBODY, Scope.READ)
KEEP = Right(EVERYBODY, Scope.WRITE)
WORK = Right(FINANCE, Scope.WRITE)
ADMINISTER = Right(MANAGERS, Scope.ADMIN)
INSPECT = Right(AUDITORS, Scope.READ)

PUBLIC = frozenset({"open_session"})
"""Operations for whoever comes."""

RIGHTS: dict[str, Right] = {
    # gateway
    "close_session": READ,
    "get_me": READ,
    "list_tokens": ADMINISTER,
    "create_token": ADMINISTER,
    "revoke_token": ADMINISTER,
    "follow_live": READ,
    # sync
    "get_addition_life": READ,
    "get_connection": READ,
    "put_connection": ADMINISTER,
    "test_connection": ADMINISTER,
    "list_connection_traits": READ,
    "put_connection_trait": ADMINISTER,
    "delete_connection_trait": ADMINISTER,
    "get_dashboard": READ,
    "post_mirror": WORK,
    "post_load": WORK,
    "post_examination": ADMINISTER,
    "list_periods": READ,
    "put_period_completeness": WORK,
    "list_runs": READ,
    "get_run": READ,
    "list_run_invoices": READ,
    "post_plan": WORK,
    "list_plans": READ,
    "get_plan": READ,
    "list_plan_operations": READ,
    "decide_plan_operations": WORK,
    "list_plan_by_hand": READ,
    "decide_by_hand": WORK,
    "apply_plan": WORK,
    "list_receipts": READ,
    "get_receipt": READ,
    "export_receipt": READ,
    # billing
    "list_invoice_lines": READ,
    "total_invoice_lines": READ,
    "get_invoice_line_origins": READ,
    "get_invoice_line": READ,
    "group_invoice_lines": READ,
    "select_invoice_lines": READ,
    "list_filterable_fields": READ,
    "list_editable_fields": READ,
    "edit_invoice_line": WORK,
    "list_invoice_line_history": READ,
    "revert_invoice_line_edit": WORK,
    "export_invoice_lines": READ,
    "list_line_views": READ,
    "create_line_view": KEEP,
    "change_line_view": KEEP,
    "share_line_view": WORK,
    "delete_line_view": KEEP,
    "post_bulk_edit": WORK,
    "import_bulk_edit": WORK,
    "list_refused_cells": READ,
    "list_bulk_edits": READ,
    "get_bulk_edit": READ,
    "list_bulk_edit_skipped": READ,
    "apply_bulk_edit": WORK,
    "undo_bulk_edit": WORK,
    "redo_bulk_edit": WORK,
    "list_companies": READ,
    "list_catalog_items": READ,
    "list_agreement_types": READ,
    "list_agreements": READ,
    "get_billing_rules": READ,
    "foresee_first_period": READ,
    "save_billing_rules": ADMINISTER,
    "preview_description": READ,
    "list_organizations": READ,
    "change_organization": WORK,
    "accept_company_suggestions": WORK,
    "list_products": READ,
    "change_product": WORK,
    "accept_product_suggestions": WORK,
    # audit
    "list_system_logs": READ,
    "summarise_system_logs": READ,
    "list_undelivered": INSPECT,
    "retry_undelivered": ADMINISTER,
    "list_trail_entries": INSPECT,
    "verify_trail": INSPECT,
    "get_trail_entry": INSPECT,
}


def require_right(operation: str, roles: frozenset[Role], scopes: frozenset[Scope] | None) -> None:
    """Refuse unless one of the roles, and for a token (`scopes` given) the scope, reaches the operation."""
    right = RIGHTS.get(operation)
    if right is None or not roles & right.roles:
        raise RoleDoesNotAllow("Your role does not allow this.")
    if scopes is not None and right.scope not in scopes:
        raise ScopeDoesNotAllow(f"This needs a token with the scope '{right.scope}'.")
