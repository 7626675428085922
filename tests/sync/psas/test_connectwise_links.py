"""The address at which people see an agreement."""

from dataclasses import replace

from services.sync.psas.connectwise.links import link_to_agreement
from services.sync.psas.connectwise.site import Account

ACCOUNT = Account("na.myconnectwise.net", "tieout co", "public", "private", "client")


class TestLinks:
    def test_an_agreement_opens_in_the_web_client_of_its_site(self) -> None:
        assert link_to_agreement(ACCOUNT, "1002") == (
            "https://na.myconnectwise.net/v4_6_release/services/system_io/router/openrecord.rails"
            "?recordType=AgreementFV&recid=1002&companyName=tieout+co"
        )

    def test_people_do_not_sign_in_at_the_host_of_the_api(self) -> None:
        link = link_to_agreement(replace(ACCOUNT, site="https://api-na.myconnectwise.net"), "1")
        assert link is not None
        assert link.startswith("https://na.myconnectwise.net/")

    def test_a_stand_in_on_this_machine_has_no_screens(self) -> None:
        assert link_to_agreement(replace(ACCOUNT, site="http://127.0.0.1:8092"), "1") is None
