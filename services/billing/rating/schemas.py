"""How a description would read, for somebody who words it."""

from uuid import UUID

from pydantic import BaseModel, Field

from services.billing.rules.templates import Placeholder


class DescriptionSample(BaseModel):
    """One line as a template would describe it."""

    line_id: UUID
    organization: str
    charge_type: str
    description: str
    values: dict[Placeholder, str] = Field(description="What the line has for each placeholder; empty where nothing")


class DescriptionPreview(BaseModel):
    """Lines of the newest month, one of each charge type."""

    samples: list[DescriptionSample]
