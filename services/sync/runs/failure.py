"""Why a run failed, in a sentence for people."""

from services.kit.base.errors import TieoutError
from services.kit.upstream.http import UpstreamError


def explain(fault: UpstreamError | TieoutError) -> str:
    """What happened and what to do."""
    if isinstance(fault, TieoutError):
        return f"{fault.detail} {fault.what_to_do}"
    sentence = str(fault)
    return f"{sentence[:1].upper()}{sentence[1:]}."
