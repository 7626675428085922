"""The product's words as closed sets, so that a misspelt state is a type error.

Upstream enums are open sets (both vendors add values without notice); they are parsed where
they arrive and never listed here.
"""

from enum import StrEnum


class ChargeType(StrEnum):
    """AppXite's six core charge types, and the one that custom invoices carry."""

    PURCHASE_FEE = "PurchaseFee"
    CYCLE_FEE = "CycleFee"
    CORRECTION = "Correction"
    USAGE_FEE = "UsageFee"
    ITEM_FEE = "ItemFee"
    ONE_TIME_FEE = "OneTimeFee"
    USER_CORRECTION = "UserCorrection"

    @property
    def is_recurring(self) -> bool:
        """Recurring charges share one persistent addition per subscription and agreement."""
        return self in (ChargeType.PURCHASE_FEE, ChargeType.CYCLE_FEE)


class Provenance(StrEnum):
    """Where a field's value comes from."""

    SOURCE = "source"
    SYSTEM = "system"
    USER = "user"


class LineStatus(StrEnum):
    """What may happen to an invoice line next."""

    PREVIEW = "preview"  # its invoice is not Verified yet: shown, never sent
    EXCLUDED = "excluded"  # its organization, or the line itself, is excluded by a person
    BILLED_BEFORE = "billed_before"  # billed by hand before go-live: never sent
    DROPPED = "dropped"  # a rule of the partner does not pass it on: never sent, and no question
    HELD = "held"  # something is missing or unsafe; hold_reasons says what
    READY = "ready"  # complete: the next plan carries it
    SENT = "sent"  # on its agreement with exactly these values


class DropRule(StrEnum):
    """Which rule of the partner drops a line."""

    ZERO_LINES = "zero_lines"  # it charges nothing
    FAVOURABLE_PRORATIONS = "favourable_prorations"  # corrections of a subscription that come to a credit


class HoldReason(StrEnum):
    """Why a line cannot go out yet. Each has one way to mend it."""

    ORGANIZATION_UNMAPPED = "organization_unmapped"
    PRODUCT_UNMAPPED = "product_unmapped"
    AGREEMENT_MISSING = "agreement_missing"
    AGREEMENT_AMBIGUOUS = "agreement_ambiguous"
    AGREEMENT_NOT_ACTIVE = "agreement_not_active"
    CURRENCY_MISMATCH = "currency_mismatch"
    AGREEMENT_CYCLE_UNKNOWN = "agreement_cycle_unknown"
    ZERO_PRICE = "zero_price"
    DATES_MISSING = "dates_missing"
    END_BEFORE_START = "end_before_start"
    STARTS_BEFORE_BILLING = "starts_before_billing"
    PERIOD_ALREADY_INVOICED = "period_already_invoiced"
    LONGER_THAN_CYCLE = "longer_than_cycle"
    UNKNOWN_CHARGE_TYPE = "unknown_charge_type"
    AMOUNT_NOT_REPRESENTABLE = "amount_not_representable"
    CATALOG_PRICE_MISSING = "catalog_price_missing"
    CATALOG_PRICE_UNFIT = "catalog_price_unfit"
    PRICE_NEGATIVE = "price_negative"
    VANISHED_FROM_INVOICE = "vanished_from_invoice"
    CHANGED_AFTER_INVOICING = "changed_after_invoicing"
    MAYBE_BILLED_BY_HAND = "maybe_billed_by_hand"
    SUPERSEDED = "superseded"
    PUSH_FAILED = "push_failed"


class BillOption(StrEnum):
    """ConnectWise's `billCustomer` of an addition."""

    BILLABLE = "Billable"
    DO_NOT_BILL = "DoNotBill"
    NO_CHARGE = "NoCharge"


class OrganizationState(StrEnum):
    """Mapping status of an AppXite organization. New ones are excluded until a person approves."""

    EXCLUDED = "excluded"
    UNMAPPED = "unmapped"
    SUGGESTED = "suggested"
    MAPPED = "mapped"


class MirrorKind(StrEnum):
    """What is mirrored from either side so that mapping has something to map."""

    ORGANIZATION = "organization"
    OFFER = "offer"
    CONTRACT = "contract"
    SUBSCRIPTION = "subscription"
    COMPANY = "company"
    CATALOG_ITEM = "catalog_item"
    AGREEMENT_TYPE = "agreement_type"
    AGREEMENT = "agreement"


class RunKind(StrEnum):
    MIRROR = "mirror"
    LOAD = "load"
    PLAN = "plan"
    PUSH = "push"
    EXAMINATION = "examination"


class RunStatus(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        return self in (RunStatus.SUCCEEDED, RunStatus.FAILED)


class PlanStatus(StrEnum):
    COMPUTING = "computing"
    READY = "ready"
    APPLIED = "applied"
    STALE = "stale"
    FAILED = "failed"


class OperationKind(StrEnum):
    """What one addition needs so that ConnectWise holds what it should."""

    CREATE = "create"
    UPDATE = "update"
    CANCEL = "cancel"  # its subscription has ended, or it is the twin of another
    CLOSE = "close"  # its charge goes elsewhere from now on, or a later segment takes over
    ADOPT = "adopt"
    TRUE_UP = "true_up"  # carries the difference between what was invoiced and what is charged
    UNDECIDED = "undecided"  # it bills although no charge stands behind it: a person decides
    NONE = "none"


class UndecidedCause(StrEnum):
    """Why an addition of ours bills although no charge of the period stands behind it."""

    VANISHED = "vanished"  # its row is no longer on the invoice
    EXCLUDED = "excluded"  # a person excluded its line or its customer
    HELD = "held"  # its line cannot go out
    FREE = "free"  # its line charges nothing
    ABSENT = "absent"  # a complete month brings no line for it
    DROPPED = "dropped"  # a rule drops what its line charges now


class DecisionChoice(StrEnum):
    """What a person, or a rule, decides about an undecided addition."""

    ASK = "ask"  # of a rule: a person decides
    END = "end"
    KEEP = "keep"
    LATER = "later"


class ByHand(StrEnum):
    """What is known of a charge for which people may have made an addition by hand before go-live."""

    BILLED = "billed"  # it is billed by hand: never billed again
    ADOPT = "adopt"  # the addition made by hand becomes the one of its subscription
    BILL = "bill"  # it is billed whatever was made by hand
    ASK = "ask"  # a person decides; held until then


class Role(StrEnum):
    OWNER = "owner"
    ADMIN = "admin"
    FINANCE = "finance"
    APPROVER = "approver"
    VIEWER = "viewer"
    AUDITOR = "auditor"


class LogLevel(StrEnum):
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


class ConnectedSystem(StrEnum):
    APPXITE = "appxite"
    CONNECTWISE = "connectwise"
