import pytest
from cryptography.fernet import Fernet
from pydantic_settings import BaseSettings, SettingsConfigDict

from services.kit.base.crypto import Sealer, SealingKeys, SecretCannotBeOpened
from services.kit.base.settings import read_settings

OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()
SECRETS = {"private_key": "hunter2", "name": "é"}


class TestSealer:
    def test_what_is_sealed_opens_again_and_shows_nothing(self) -> None:
        sealed = Sealer(OLD).seal(SECRETS)

        assert Sealer(OLD).open(sealed) == SECRETS
        assert b"hunter2" not in sealed

    def test_the_same_secrets_never_look_the_same(self) -> None:
        assert Sealer(OLD).seal(SECRETS) != Sealer(OLD).seal(SECRETS)

    def test_a_key_is_rotated_by_putting_a_new_one_in_front(self) -> None:
        sealed = Sealer(OLD).seal(SECRETS)
        both = Sealer(f"{NEW}, {OLD},")

        assert both.open(sealed) == SECRETS
        assert Sealer(NEW).open(both.reseal(sealed)) == SECRETS
        assert Sealer(NEW).open(both.seal(SECRETS)) == SECRETS

    def test_a_lost_key_is_said_to_be_lost(self) -> None:
        with pytest.raises(SecretCannotBeOpened) as lost:
            Sealer(NEW).open(Sealer(OLD).seal(SECRETS))

        assert "TIEOUT_SEALING_KEYS" in lost.value.what_to_do

    def test_resealing_under_a_lost_key_is_said_too(self) -> None:
        with pytest.raises(SecretCannotBeOpened):
            Sealer(NEW).reseal(Sealer(OLD).seal(SECRETS))

    def test_a_changed_byte_is_noticed(self) -> None:
        sealed = bytearray(Sealer(OLD).seal(SECRETS))
        sealed[40] ^= 1

        with pytest.raises(SecretCannotBeOpened):
            Sealer(OLD).open(bytes(sealed))

    @pytest.mark.parametrize("keys", ["", " , ", "short", "x" * 44])
    def test_keys_that_seal_nothing_are_refused_in_words(self, keys: str) -> None:
        with pytest.raises(ValueError, match="urlsafe-base64 keys of 32 bytes"):
            Sealer(keys)


class TestSealingKeys:
    def test_a_bad_key_is_refused_with_the_other_settings(self, monkeypatch: pytest.MonkeyPatch) -> None:
        class Settings(BaseSettings):
            model_config = SettingsConfigDict(env_prefix="TIEOUT_", hide_input_in_errors=True)
            sealing_keys: SealingKeys

        monkeypatch.setenv("TIEOUT_SEALING_KEYS", "not a key")

        with pytest.raises(SystemExit, match="TIEOUT_SEALING_KEYS: one or more urlsafe-base64 keys") as caught:
            read_settings(Settings)
        assert "not a key" not in str(caught.value)
