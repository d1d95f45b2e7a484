"""Each chaos action does what its name says, to the requests that its rule means and to no other."""

import gzip
import json
import math
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime
from http.client import HTTPException, IncompleteRead
from typing import Any

import pytest

from emulators import media
from emulators.chaos import Rule
from emulators.client import Client, Reply, fetch
from emulators.server import Emulator, emulating

PROVIDER = "hedra"
SPEECH = {"type": "text_to_speech", "voice_id": "f412c62f-e94f-41c0-bfc6-97f63289941c", "text": "Hello there"}
MIB = 1 << 20


def generate(client: Client, **change: object) -> Reply:
    return client.post("/generations", SPEECH | change)


def status(client: Client, hedra: Emulator) -> Reply:
    """The status of the first generation, which is made where there is none."""
    if not hedra.control.created("generation"):
        generate(client)
    return client.get(f"/generations/{hedra.control.created('generation')[0]['created']['id']}/status")


def preview(client: Client) -> Reply:
    return fetch(client.get("/voices").json[0]["asset"]["preview_url"])


def test_a_drop_before_costs_nothing_and_a_drop_after_costs(hedra: Emulator, client: Client) -> None:
    hedra.control.add_rules(
        Rule(match="POST /generations", nth=(1,), do="drop", when="before"),
        Rule(match="POST /generations", nth=(2,), do="drop", when="after"),
        Rule(match="POST /generations", nth=(3,), do="drop", when="during"),
    )
    for _ in range(2):
        with pytest.raises((ConnectionError, HTTPException)):
            generate(client)
    with pytest.raises(IncompleteRead):
        generate(client)
    entries = hedra.control.ledger("POST /generations")
    assert [bool(entry["created"]) for entry in entries] == [False, True, True]
    assert [entry["cost"] for entry in entries] == [0, 1, 1]
    assert len(client.get("/generations").json["data"]) == 2


def test_a_cut_request_is_not_received(hedra: Emulator, client: Client) -> None:
    hedra.control.add_rules(Rule(match="POST /generations", nth=(1,), do="cut_request"))
    with pytest.raises((ConnectionError, HTTPException)):
        generate(client)
    assert [entry["event"] for entry in hedra.control.ledger("POST /generations")] == ["incomplete"]
    assert generate(client).status == 200
    assert hedra.control.paid() == 1


@pytest.mark.parametrize(("when", "paid"), [("head", 0), ("before", 0), ("during", 1), ("after", 1)])
def test_it_kills_the_given_process_at_the_given_point(hedra: Emulator, when: str, paid: int) -> None:
    script = """
import http.client, os, sys
connection = http.client.HTTPConnection(sys.argv[1])
headers = {"X-API-Key": sys.argv[2], "Content-Type": "application/json"}
connection.request("POST", "/web-app/public/generations", sys.argv[3], headers)
connection.getresponse().read()
"""
    address = hedra.base_url.removeprefix("http://").partition("/")[0]
    command = [
        sys.executable,
        "-c",
        "import sys; sys.stdin.readline()" + script,
        address,
        hedra.key,
        json.dumps(SPEECH),
    ]
    with (
        subprocess.Popen(command, stdin=subprocess.PIPE, text=True) as victim,
        subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, text=True) as bystander,
    ):
        assert victim.stdin is not None
        hedra.control.add_rules(
            {"match": "POST /generations", "do": "kill", "when": when, "pids": [bystander.pid, victim.pid]}
        )
        victim.stdin.write("\n")
        victim.stdin.flush()
        assert victim.wait(20) == -9
        assert bystander.poll() is None
        bystander.communicate("\n")
    hedra.control.wait_for("POST /generations")
    assert hedra.control.paid() == paid


def test_a_kill_of_one_pid(hedra: Emulator, client: Client) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as victim:
        hedra.control.add_rules(Rule(match="GET /voices", do="kill", pid=victim.pid, signal=15))
        with pytest.raises((ConnectionError, HTTPException)):
            client.get("/voices")
        assert victim.wait(20) == -15


def test_an_answer_can_be_cut_short_or_truncated_unnoticed(hedra: Emulator, client: Client) -> None:
    whole = preview(client).body
    hedra.control.add_rules(
        Rule(match="GET /media/*", nth=(1,), do="cut_answer", size=100),
        Rule(match="GET /media/*", nth=(2,), do="truncate", size=100),
        Rule(match="GET /media/*", nth=(3,), do="corrupt"),
    )
    with pytest.raises(IncompleteRead) as cut:
        preview(client)
    assert cut.value.partial == whole[:100]
    assert preview(client).body == whole[:100]
    corrupted = preview(client).body
    assert len(corrupted) == len(whole)
    assert media.probe(corrupted) is None
    assert preview(client).body == whole


def test_a_delay_lasts_until_the_clock_has_moved(hedra: Emulator, client: Client) -> None:
    hedra.control.add_rules(Rule(match="GET /voices", do="delay", when="after", seconds=30))
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(client.get, "/voices")
        hedra.control.wait_for("GET /voices")
        hedra.control.advance(29)
        assert not waiting.done()
        hedra.control.advance(1)
        assert waiting.result().status == 200


def test_a_drip_sends_piece_by_piece() -> None:
    fast, standing = (Rule(match="GET /models", do="drip", size=size, seconds=1) for size in (400, 1000))
    with emulating("hedra", pace=1000, rules=[fast]) as emulator:
        assert Client(emulator).get("/models").json[0]["name"] == "Hedra Avatar"
    with emulating("hedra", pace=0, rules=[standing]) as emulator, ThreadPoolExecutor(1) as pool:
        dripping = pool.submit(Client(emulator).get, "/models")
        emulator.control.wait_for("GET /models")
        assert not dripping.done()
        while not dripping.done():
            emulator.control.advance(1)
        assert len(dripping.result().json) == 3


FORMS = {"absent": None, "seconds": "30", "zero": "0", "negative": "-1", "huge": "1000000000"}


@pytest.mark.parametrize("form", [*FORMS, "date", "past_date", "garbage"])
def test_retry_after_in_all_its_forms(hedra: Emulator, client: Client, form: Any) -> None:
    hedra.control.add_rules(Rule(match="POST /generations", nth=(1,), do="retry_after", form=form, seconds=30))
    reply = generate(client)
    assert reply.status == 429
    told = reply.headers.get("retry-after")
    if form in FORMS:
        assert told == FORMS[form]
    elif form == "garbage":
        assert told is not None
        with pytest.raises(ValueError, match="nvalid"):
            parsedate_to_datetime(told)
    else:
        seconds = parsedate_to_datetime(told or "").timestamp() - hedra.control.now()
        assert seconds == (30 if form == "date" else -3600)
    assert hedra.control.paid() == 0
    assert generate(client).status == 200


def test_any_status_with_any_body_before_or_after_processing(hedra: Emulator, client: Client) -> None:
    hedra.control.add_rules(
        Rule(match="POST *", nth=(1,), do="status", status=503, body='{"a": 1}', headers={"X-Why": "no"}),
        Rule(match="POST *", nth=(2,), do="status", status=503, when="after"),
        Rule(match="POST *", nth=(3,), do="html", status=200),
    )
    before, after, page = generate(client), generate(client), generate(client)
    assert (before.status, before.json, before.headers["x-why"]) == (503, {"a": 1}, "no")
    assert after.status == 503
    assert (page.status, page.body[:9]) == (200, b"<!DOCTYPE")
    assert page.headers["content-type"].startswith("text/html")
    assert [bool(entry["created"]) for entry in hedra.control.ledger("POST *")] == [False, True, False]


def test_malformed_json_and_a_wrong_content_type(hedra: Emulator, client: Client) -> None:
    hedra.control.add_rules(
        Rule(match="GET /voices", do="malformed"), Rule(match="GET /models", do="wrong_type", value="image/png")
    )
    with pytest.raises(json.JSONDecodeError):
        _ = client.get("/voices").json
    assert client.get("/models").headers["content-type"] == "image/png"


def test_the_key_is_echoed_in_body_and_header(hedra: Emulator, client: Client) -> None:
    hedra.control.add_rules(Rule(match="GET /voices", do="echo_key", status=403))
    reply = client.get("/voices")
    assert reply.status == 403
    assert hedra.key in reply.body.decode()
    assert hedra.key in reply.headers["x-debug-authorization"]


@pytest.mark.parametrize(
    ("action", "member", "value"),
    [
        ("backwards", "status", "queued"),
        ("unknown_status", "status", "transmogrifying"),
        ("progress_200", "progress", 2.0),
        ("never_ends", "status", "processing"),
    ],
)
def test_a_status_gone_wrong(hedra: Emulator, client: Client, action: Any, member: str, value: object) -> None:
    honest = [status(client, hedra).json["status"] for _ in range(4)]
    assert honest[-1] == "complete"
    hedra.control.add_rules(Rule(match="GET /generations/*/status", from_nth=2, do=action))
    replies = [status(client, hedra).json for _ in range(3)]
    assert [reply[member] == value for reply in replies] == [False, True, True]


def test_progress_that_is_no_number(hedra: Emulator, client: Client) -> None:
    hedra.control.add_rules(Rule(match="GET */status", do="progress_nan"))
    assert math.isnan(status(client, hedra).json["progress"])


def test_a_job_vanishes(hedra: Emulator, client: Client) -> None:
    hedra.control.add_rules(Rule(match="GET */status", from_nth=3, do="vanish"))
    assert [status(client, hedra).status for _ in range(4)] == [200, 200, 404, 404]


def test_two_jobs_get_the_same_id(hedra: Emulator, client: Client) -> None:
    hedra.control.add_rules(Rule(match="POST /generations", nth=(2,), do="duplicate_id"))
    first, second, third = (generate(client).json["id"] for _ in range(3))
    assert first == second != third
    assert len({entry["created"]["id"] for entry in hedra.control.created("generation")}) == 3


def test_an_edit_sets_removes_and_replaces(hedra: Emulator, client: Client) -> None:
    hedra.control.add_rules(
        Rule(match="POST *", nth=(1,), do="edit", set_to={"status": "weird"}, remove=("asset_id",)),
        Rule(match="POST *", nth=(2,), do="edit", replace={"error": "no"}, status=200),
    )
    edited = generate(client).json
    assert (edited["status"], "asset_id" in edited) == ("weird", False)
    assert generate(client).json == {"error": "no"}


def test_a_redirect_and_an_expired_address(hedra: Emulator, client: Client) -> None:
    hedra.control.add_rules(
        Rule(match="GET /media/*", nth=(1,), do="redirect", to="http://169.254.169.254/latest"),
        Rule(match="GET /media/*", nth=(2,), do="expired"),
    )
    moved, expired = preview(client), preview(client)
    assert (moved.status, moved.headers["location"]) == (302, "http://169.254.169.254/latest")
    assert (expired.status, b"Request has expired" in expired.body) == (403, True)


def test_a_bomb_unpacks_and_an_oversize_answer_still_means_the_same(hedra: Emulator, client: Client) -> None:
    hedra.control.add_rules(
        Rule(match="GET /billing/credits", do="gzip_bomb", size=20 * MIB),
        Rule(match="GET /models", do="oversize", size=3 * MIB),
    )
    bomb = client.get("/billing/credits")
    assert bomb.headers["content-encoding"] == "gzip"
    assert len(bomb.body) < 64 * 1024
    unpacked = gzip.decompress(bomb.body)
    assert len(unpacked) > 20 * MIB
    assert json.loads(unpacked)["remaining"] == 5000
    large = client.get("/models")
    assert len(large.body) > 3 * MIB
    assert len(large.json) == 3


def test_a_rule_means_only_what_matches(hedra: Emulator, client: Client) -> None:
    hedra.control.add_rules(
        Rule(match="POST /generations", where={"text": "B"}, do="status", status=500),
        Rule(match="GET /models", probability=0.0, do="drop"),
    )
    assert [generate(client, text=text).status for text in ("A", "B", "C")] == [200, 500, 200]
    assert client.get("/models").status == 200
    hedra.control.clear_rules()
    assert generate(client, text="B").status == 200


def test_chance_keeps_its_measure_and_follows_the_seed() -> None:
    def struck(seed: int) -> list[int]:
        rule = Rule(match="GET /models", probability=0.3, do="status", status=500)
        with emulating("hedra", seed=seed, pace=0, rules=[rule]) as emulator:
            return [Client(emulator).get("/models").status for _ in range(100)]

    first = struck(1)
    assert 15 <= first.count(500) <= 45
    assert first == struck(1) != struck(2)
