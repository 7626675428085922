"""ConnectWise's errors: `{code, message, errors}`, pretty printed with CRLF.

Errors of conditions, of unknown members and of unknown versions were seen live without the key `errors`.
"""

from typing import NamedTuple

from starlette.responses import Response

from services.sandbox import exact_json
from services.sandbox.edge import Tongue


class Fault(NamedTuple):
    """One item of `errors`."""

    code: str
    message: str
    resource: str
    field: str


class PsaError(Exception):
    def __init__(
        self, status: int, code: str, message: str, faults: list[Fault] | None = None, *, is_bare: bool = False
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.faults = status, code, message, faults
        self.is_bare = is_bare
        """The body has no key `errors` at all."""

    def body(self) -> bytes:
        errors = None if self.faults is None else [fault._asdict() for fault in self.faults]
        rest = {} if self.is_bare else {"errors": errors}
        return exact_json.dumps_pretty({"code": self.code, "message": self.message, **rest})

    def response(self) -> Response:
        return Response(self.body(), self.status, media_type="application/json; charset=utf-8")


def invalid(resource: str, *faults: Fault) -> PsaError:
    return PsaError(400, "InvalidObject", f"{resource} object is invalid", list(faults))


def refused(resource: str, field: str, sentence: str) -> PsaError:
    """A rule of the business said no. The item's code is an assumption; the sentences are what tenants saw."""
    return invalid(resource, Fault("InvalidField", sentence, resource, field))


def bad_request(message: str, code: str = "InvalidObject") -> PsaError:
    return PsaError(400, code, message)


def wrong_condition(message: str) -> PsaError:
    return PsaError(400, "ApiFindCondition", message, is_bare=True)


def unknown_member(name: str, kind: str) -> PsaError:
    """The sentence was seen for a member of a query; that bodies are treated alike, and the code, are assumptions."""
    message = f"Could not find member '{name}' on object of type '{kind}'. Path '{name}', line 1, position 1."
    return PsaError(400, "InvalidObject", f"{message} Check your accept header.", is_bare=True)


def unsupported_version(address: str, version: str) -> PsaError:
    """The body was seen, its status was not: 400 is an assumption."""
    message = (
        f"The HTTP resource that matches the request URI '{address}' does not support the API version '{version}'."
    )
    return PsaError(400, "ConnectWiseApi", message, is_bare=True)


def unconvertible(message: str) -> PsaError:
    """A wrong JSON type comes as 500 with the code of a timeout: only the text tells them apart."""
    return PsaError(500, "ConnectWiseApi", message)


def not_found(what: str) -> PsaError:
    return PsaError(404, "NotFound", f"{what} not found")


def unauthorized() -> PsaError:
    return PsaError(401, "Unauthorized", "Incorrect public/private key")


def forbidden() -> PsaError:
    return PsaError(403, "Security", "You do not have security permission to perform this action.")


def timeout() -> PsaError:
    """A timeout inside the server, spelled as it is spelled there."""
    return PsaError(500, "ConnectWiseApi", "A timeout has occured. Please try again.")


def _too_many(seconds: int) -> bytes:
    return exact_json.dumps_pretty(
        {"error": "ConnectWiseAPI", "message": f"Too many requests. Please try again in {seconds} seconds."}
    )


TONGUE = Tongue(
    too_many=_too_many,
    timeout=lambda: timeout().body(),
    unauthorized=lambda: unauthorized().body(),
    forbidden=lambda: forbidden().body(),
    failure=lambda code, message: PsaError(500, code or "ConnectWiseApi", message).body(),
)
