"""The dashboard over HTTP."""

from fastapi import APIRouter

from services.kit.web.app import Reading
from services.sync.dashboard import service
from services.sync.dashboard.schemas import DashboardOut

router = APIRouter(prefix="/api/v1/dashboard", tags=["dashboard"])


@router.get("")
async def get_dashboard(session: Reading) -> DashboardOut:
    """Connections, the latest runs, the months, and how fresh each mirror is."""
    return await service.show_dashboard(session)
