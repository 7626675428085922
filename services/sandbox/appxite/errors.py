"""Errors of the Reporting API. Their JSON form is an assumption, modelled on Azure API Management's defaults."""

from starlette.requests import Request
from starlette.responses import Response

from services.sandbox import exact_json
from services.sandbox.edge import Tongue


class ReportingError(Exception):
    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


def error_body(status: int, message: str) -> bytes:
    return exact_json.dumps({"statusCode": status, "message": message})


async def answer_error(_: Request, error: Exception) -> Response:
    if not isinstance(error, ReportingError):
        raise error
    return Response(error_body(error.status, error.message), error.status, media_type="application/json")


TONGUE = Tongue(
    too_many=lambda seconds: error_body(429, f"Rate limit is exceeded. Try again in {seconds} seconds."),
    timeout=lambda: error_body(500, "The operation has timed out."),
    unauthorized=lambda: error_body(401, "Access denied due to missing or invalid access key."),
    failure=lambda _, message: error_body(500, message),
    forbidden=lambda: error_body(403, "The access key does not cover this requester."),
)
