"""Which service a public path belongs to: the first noun after /api/v1 decides."""

API = "/api/v1/"

SERVICE_OF = {
    "session": "gateway",
    "me": "gateway",
    "tokens": "gateway",
    "live": "gateway",
    "additions": "sync",
    "connections": "sync",
    "dashboard": "sync",
    "examinations": "sync",
    "loads": "sync",
    "mirrors": "sync",
    "periods": "sync",
    "plans": "sync",
    "receipts": "sync",
    "runs": "sync",
    "agreements": "billing",
    "agreement-types": "billing",
    "billing-rules": "billing",
    "bulk-edits": "billing",
    "catalog-items": "billing",
    "companies": "billing",
    "invoice-lines": "billing",
    "line-views": "billing",
    "organizations": "billing",
    "products": "billing",
    "audit-trail": "audit",
    "system-logs": "audit",
}


def service_of(path: str) -> str | None:
    """The service behind a public path; None where there is none."""
    if not path.startswith(API):
        return None
    return SERVICE_OF.get(path.removeprefix(API).partition("/")[0])
