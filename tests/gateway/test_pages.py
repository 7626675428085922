"""What browsers get: the front end, the documents, and headers that keep others out."""

import gzip
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
import yaml

from tests.gateway.conftest import Door, OpenDoor


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<title>Tieout</title>")
    (folder / "assets" / "main-3f2a.js").write_text("console.log(1);" * 200)
    (folder / "favicon.svg").write_text("<svg/>")
    return folder


@pytest.fixture
async def browser(open_door: OpenDoor, built: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with open_door(spa_dir=built) as door:
        yield door.client()


class TestFrontEnd:
    @pytest.mark.parametrize("path", ["/", "/index.html", "/lines", "/plans/0198/operations", "/sign-in?next=%2Flines"])
    async def test_every_address_of_the_front_end_is_its_first_page(
        self, browser: httpx.AsyncClient, path: str
    ) -> None:
        answer = await browser.get(path)
        assert (answer.status_code, answer.text) == (200, "<title>Tieout</title>")
        assert answer.headers["cache-control"] == "no-cache"

    async def test_a_file_named_by_its_content_is_kept_for_ever(self, browser: httpx.AsyncClient) -> None:
        answer = await browser.get("/assets/main-3f2a.js")
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"

    async def test_a_missing_file_is_missing(self, browser: httpx.AsyncClient) -> None:
        answer = await browser.get("/assets/main-0000.js")
        assert answer.status_code == 404
        assert "cache-control" not in answer.headers

    async def test_text_is_compressed_for_those_who_take_it(self, browser: httpx.AsyncClient) -> None:
        async with browser.stream("GET", "/assets/main-3f2a.js", headers={"Accept-Encoding": "gzip"}) as answer:
            raw = b"".join([part async for part in answer.aiter_raw()])
        assert answer.headers["content-encoding"] == "gzip"
        assert gzip.decompress(raw).startswith(b"console.log")
        plain = await browser.get("/assets/main-3f2a.js", headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers

    @pytest.mark.parametrize("path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt"])
    async def test_nothing_outside_the_folder_is_served(
        self, browser: httpx.AsyncClient, built: Path, path: str
    ) -> None:
        (built.parent / "secret.txt").write_text("the recipe")
        answer = await browser.get(path)
        assert answer.status_code == 404
        assert "the recipe" not in answer.text

    async def test_without_a_build_the_page_says_so(self, open_door: OpenDoor, tmp_path: Path) -> None:
        async with open_door(spa_dir=tmp_path / "nothing") as door:
            answer = await door.client().get("/")
            assert (answer.status_code, answer.json()["code"]) == (404, "front_end_not_built")


class TestSecurityHeaders:
    @pytest.mark.parametrize("path", ["/", "/assets/main-3f2a.js", "/api/v1/me", "/docs/", "/openapi.yaml"])
    async def test_every_answer_trusts_this_origin_only(self, browser: httpx.AsyncClient, path: str) -> None:
        answer = await browser.get(path)
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'self';")
        assert "script-src" not in policy, "default-src holds for scripts"
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"

    async def test_answers_of_the_api_are_kept_nowhere(self, browser: httpx.AsyncClient) -> None:
        assert (await browser.get("/api/v1/me")).headers["cache-control"] == "no-store"


class TestDocuments:
    async def test_the_document_is_the_stored_one_in_both_forms(self, door: Door) -> None:
        client = door.client()
        stored = (Path(__file__).parents[2] / "openapi.yaml").read_text()
        assert (await client.get("/openapi.yaml")).text == stored
        assert (await client.get("/openapi.json")).json() == yaml.load(stored, Loader=yaml.CSafeLoader)

    async def test_the_page_for_people_fetches_nothing_from_elsewhere(self, door: Door) -> None:
        client = door.client()
        page = (await client.get("/docs", follow_redirects=True)).text
        assert "<h1>Tieout API</h1>" in page
        assert "http:" not in page + (await client.get("/docs/docs.js")).text
        assert "https:" not in page

    async def test_health_needs_no_credential(self, door: Door) -> None:
        assert (await door.client().get("/healthz")).json() == {"status": "ok"}
