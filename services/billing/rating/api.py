"""Trying rules over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.billing.rating import preview
from services.billing.rating.schemas import DescriptionPreview
from services.billing.rules.day_forms import DayForm
from services.kit.base.errors import InvalidFields, problems
from services.kit.web.app import Reading

router = APIRouter(prefix="/api/v1/billing-rules", tags=["billing-rules"])


@router.get("/description", responses=problems(InvalidFields))
async def preview_description(
    session: Reading, template: Annotated[str, Query(max_length=1000)], day_form: DayForm = DayForm.ISO
) -> DescriptionPreview:
    """How lines of the newest month would be described; nothing is saved."""
    return await preview.preview_description(session, template, day_form)
