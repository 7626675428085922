"""Why ConnectWise refused one write, and what to do, in a sentence for people.

Told apart by type only: ConnectWise's own words are quoted, never interpreted.
"""

from services.kit.upstream.http import MissingUpstream, Refused
from services.sync.psas.connectwise.errors import DateRefused, FieldMissing, RecordInUse, ReferenceUnknown, ValueTooLong

_BY_KIND: tuple[tuple[type[Refused], str, str], ...] = (
    (
        DateRefused,
        "ConnectWise does not accept the dates of this addition",
        "Start the charge on or after the agreement's billing start and next invoice date, then plan again.",
    ),
    (
        FieldMissing,
        "ConnectWise asks for a field that is not sent",
        "Ask its administrator whether the field can be optional, then plan again.",
    ),
    (ValueTooLong, "A text is longer than ConnectWise allows", "Shorten the description, then plan again."),
    (
        ReferenceUnknown,
        "ConnectWise does not know the product any more",
        "Map the offer to another product, then plan again.",
    ),
    (
        MissingUpstream,
        "ConnectWise has no such agreement or addition any more",
        "Synchronize organizations, check the agreement, then plan again.",
    ),
    (RecordInUse, "Somebody is changing this record in ConnectWise", "Plan again in a few minutes."),
)
_OTHERWISE = ("ConnectWise refused this addition", "Correct the line or the agreement, then plan again.")


def explain_refusal(refused: Refused) -> str:
    """What happened in ConnectWise's words, and what to do about it."""
    what, advice = next(((what, advice) for kind, what, advice in _BY_KIND if isinstance(refused, kind)), _OTHERWISE)
    return f"{what}: “{refused.message.strip().rstrip('.')}”. {advice}"
