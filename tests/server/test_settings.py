import os
from hashlib import sha256
from pathlib import Path

import pytest

from soundstage.settings import HEDRA, Access, Settings


def test_everything_has_a_default() -> None:
    settings = Settings.from_environment({})
    assert settings.home.is_absolute()
    assert settings.home.name == "soundstage"
    assert settings.input_roots == (Path.cwd(), Path.home())
    assert settings.log_level == "WARNING"


def test_what_the_environment_says_is_taken(tmp_path: Path) -> None:
    settings = Settings.from_environment(
        {
            "SOUNDSTAGE_HOME": str(tmp_path),
            "SOUNDSTAGE_INPUT_ROOTS": os.pathsep.join(["/srv/media", "~/pictures"]),
            "SOUNDSTAGE_LOG_LEVEL": "debug",
        }
    )
    assert settings.home == tmp_path
    assert settings.input_roots == (Path("/srv/media"), Path.home() / "pictures")
    assert settings.log_level == "DEBUG"


@pytest.mark.parametrize("value", ["${SOUNDSTAGE_HOME}", "${SOUNDSTAGE_HOME:-}", "{{home}}", "", "  "])
def test_a_value_that_the_client_did_not_expand_counts_as_unset(value: str) -> None:
    assert Settings.from_environment({"SOUNDSTAGE_HOME": value}) == Settings.from_environment({})


def test_an_unknown_log_level_is_the_default() -> None:
    assert Settings.from_environment({"SOUNDSTAGE_LOG_LEVEL": "loud"}).log_level == "WARNING"


def test_a_server_that_was_started_in_the_root_folder_may_not_read_all_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir("/")
    assert Settings.from_environment({}).input_roots == (Path.home(),)


@pytest.mark.parametrize(("said", "most"), [("0.5", 500_000_000), ("20", 20_000_000_000), ("1e-9", 1)])
def test_the_size_of_the_assets_is_told_in_gigabytes(said: str, most: int) -> None:
    assert Settings.from_environment({"SOUNDSTAGE_ASSETS_MAX_GB": said}).assets_max_bytes == most


@pytest.mark.parametrize("said", ["0", "-1", "nan", "inf", "ten", ""])
def test_a_size_that_is_none_is_the_default(said: str) -> None:
    assert Settings.from_environment({"SOUNDSTAGE_ASSETS_MAX_GB": said}).assets_max_bytes == 10_000_000_000


@pytest.mark.parametrize(
    ("said", "hedra", "speechgen"),
    [
        ("", None, None),
        ("20", 20, 20),
        ("0", 0, 0),
        ("hedra=20,speechgen=50", 20, 50),
        (" hedra = 2.5 ", 2.5, None),
        ("20, hedra=5", 5, 20),
    ],
)
def test_a_cap_is_for_all_or_for_those_it_names(said: str, hedra: float | None, speechgen: float | None) -> None:
    settings = Settings.from_environment(
        {"SOUNDSTAGE_MAX_GENERATIONS_PER_DAY": said, "SOUNDSTAGE_MAX_CREDITS_PER_DAY": said}
    )
    for cap in (settings.generations_cap, settings.credits_cap):
        assert (cap.of("hedra"), cap.of("speechgen"), cap.unreadable) == (hedra, speechgen, "")


@pytest.mark.parametrize(
    "spelled",
    [
        "https://api.hedra.com/web-app/public/",
        "https://API.Hedra.com/web-app/public",
        "HTTPS://api.hedra.com:443/web-app/public//",
    ],
)
def test_the_same_address_in_another_spelling_is_the_same_account(spelled: str) -> None:
    usual = Access(HEDRA.base_url, "a-key")
    # What stores have had all along for the usual spelling, so that nothing recorded under it is stranded.
    assert usual.fingerprint == sha256(f"soundstage\0{HEDRA.base_url}\0a-key".encode()).hexdigest()[:16]
    assert Access(spelled, "a-key").fingerprint == usual.fingerprint
    former = sha256(f"soundstage\0{spelled}\0a-key".encode()).hexdigest()[:16]
    assert former in Access(spelled, "a-key").former_fingerprints


@pytest.mark.parametrize(
    "other", ["https://api.hedra.com/web-app", "https://api.hedra.com:8443/web-app/public", "http://api.hedra.com"]
)
def test_another_address_or_key_is_another_account(other: str) -> None:
    usual = Access(HEDRA.base_url, "a-key")
    names = {usual.fingerprint, *usual.former_fingerprints}
    assert names.isdisjoint({Access(other, "a-key").fingerprint, *Access(other, "a-key").former_fingerprints})
    assert Access(HEDRA.base_url, "else").fingerprint not in names
    assert (Access(other).fingerprint, Access(other).former_fingerprints) == ("", frozenset())
