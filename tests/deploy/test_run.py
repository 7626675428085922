"""`make run`, run for real."""

import contextlib
import os
import signal

import httpx
import psutil
import pytest

from deploy.local.process import wait_until
from deploy.programs import PROGRAMS
from tests.support.product import Product

pytestmark = pytest.mark.journey

IDLE_BYTES = 1_200_000_000


class TestRun:
    def test_every_process_runs_and_the_page_is_there(self, product: Product) -> None:
        assert product.process_ids.keys() == {program.name for program in PROGRAMS} | {"postgres", "valkey-server"}
        page = httpx.get(f"{product.address}/sign-in", trust_env=False)
        assert page.status_code == httpx.codes.OK
        assert '<div id="root">' in page.text

    def test_the_demo_owner_finds_customers_in_every_state(self, product: Product) -> None:
        with product.client() as client:
            organizations = client.get("/organizations", params={"limit": 1000}).raise_for_status().json()["items"]
        states = {item["state"] for item in organizations}
        assert states >= {"mapped", "excluded"}
        assert states & {"unmapped", "suggested"}

    def test_a_killed_worker_comes_back(self, product: Product) -> None:
        first = product.process_ids["billing-worker"]
        os.kill(first, signal.SIGKILL)
        assert wait_until(lambda: product.process_ids.get("billing-worker", first) != first, 20)
        assert "billing-worker ended with -9" in product.output()

    def test_a_killed_database_comes_back_with_its_data(self, product: Product) -> None:
        first = product.process_ids["postgres"]
        os.kill(first, signal.SIGKILL)
        assert wait_until(lambda: "PostgreSQL had ended and was started again" in product.output(), 30)
        with product.client() as client:
            assert client.get("/me").raise_for_status().json()["partner"]["name"] == "Northwind Cloud"

    def test_it_is_small_while_nothing_happens(self, product: Product) -> None:
        """Proportional set size counts once what processes share: that is what the machine has to give."""
        used = 0
        for process in product.processes():
            with contextlib.suppress(psutil.NoSuchProcess):  # a database session that ended meanwhile
                used += process.memory_full_info().pss
        assert used < IDLE_BYTES, f"{used / 1e6:.0f} MB"

    def test_ctrl_c_leaves_nothing_behind_and_a_second_start_keeps_the_data(self, product: Product) -> None:
        numbers = list(product.process_ids.values())
        assert product.stop() == 0
        assert not [number for number in numbers if psutil.pid_exists(number)]
        with pytest.raises(httpx.ConnectError):
            httpx.get(product.address, trust_env=False)
        product.start()
        with product.client() as client:
            assert client.get("/me").raise_for_status().json()["partner"]["name"] == "Northwind Cloud"
