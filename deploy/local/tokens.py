"""`make token`: prints an API token of the demo's owner for the running installation, and nothing else."""

import sys

import httpx

from deploy.local.installation import DEMO_EMAIL, Installation

DAYS = 30


def main() -> None:
    installation = Installation.here()
    if not (installation.folder / "secrets.env").exists():
        raise SystemExit("There is no installation here yet. Start it with `make run`.")
    try:
        print(issue_token(installation))
    except httpx.ConnectError:
        raise SystemExit(f"Nothing answers at {installation.address('gateway')}. Start it with `make run`.") from None
    except httpx.HTTPStatusError as error:
        raise SystemExit(f"{error}\n{error.response.text}") from None


def issue_token(installation: Installation) -> str:
    with httpx.Client(base_url=f"{installation.address('gateway')}/api/v1", trust_env=False) as client:
        sign_in(client, installation)
        wish = {"name": f"make token, {sys.platform}", "scopes": ["read", "write", "admin"], "expires_in_days": DAYS}
        issued = client.post("/tokens", json=wish).raise_for_status().json()
        client.delete("/session")
    return str(issued["token"])


def sign_in(client: httpx.Client, installation: Installation) -> None:
    """Open a session and carry its CSRF token on every request that follows."""
    credentials = {"email": DEMO_EMAIL, "password": installation.keys["TIEOUT_DEMO_PASSWORD"]}
    client.post("/session", json=credentials).raise_for_status()
    client.headers["X-CSRF-Token"] = client.cookies["tieout_csrf"]


if __name__ == "__main__":
    main()
