"""Assets and generations as resources, read by a client of either era."""

import base64
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError
from mcp.types import BlobResourceContents, TextResourceContents
from pydantic import Field

from connecting import ERAS, Connect
from emulators import media
from facts import called, finished, refusal
from soundstage.providers.port import Made, MadeFile
from soundstage.settings import Settings
from tone import ToneProvider, ToneSpeech

INVALID_PARAMS = -32602


class Delivering(ToneProvider):
    """Delivers files that a test has put there."""

    def __init__(self, *files: MadeFile) -> None:
        super().__init__(files[0].path.parent)
        self._files = files
        self.finish.set()

    async def fetch(self, job_id: str) -> Made:
        assert job_id in self._jobs
        return Made(self._files)


class WideSpeech(ToneSpeech):
    speed: Annotated[float, Field(ge=0.5, le=4, description="Speaking rate")] = 1.0


class Wide(ToneProvider):
    """Speaks faster than others do."""

    def __init__(self, folder: Path, *, name: str) -> None:
        super().__init__(folder, name=name)
        self.profile = replace(self.profile, offers={**self.profile.offers, "synthesize_speech": WideSpeech})


@pytest.fixture
def tone(tmp_path: Path) -> Delivering:
    audio, timings = tmp_path / "speech.mp3", tmp_path / "speech.json"
    audio.write_bytes(media.sound("mp3", 1.0))
    timings.write_text('{"words": ["é"]}', encoding="utf-8")
    return Delivering(
        MadeFile("audio", audio, "audio/mpeg", 1.0), MadeFile("timings", timings, "application/json", 1.0)
    )


async def spoken(client: Client, text: str = "hello") -> dict[str, Any]:
    return await finished(client, await called(client, "synthesize_speech", text=text, voice_id="tone:low"))


async def read(client: Client, uri: str) -> TextResourceContents | BlobResourceContents:
    [content] = (await client.read_resource(uri)).contents
    assert str(content.uri) == uri
    return content


async def refused(client: Client, uri: str) -> str:
    with pytest.raises(MCPError) as caught:
        await client.read_resource(uri)
    assert caught.value.code == INVALID_PARAMS
    return caught.value.message


@pytest.mark.parametrize("mode", ERAS)
async def test_an_asset_is_read_as_what_it_is(
    connect: Connect, tone: Delivering, tmp_path: Path, mode: str
) -> None:
    async with connect([tone], mode=mode) as client:
        audio, timings = (await spoken(client))["assets"]
        heard = await read(client, f"soundstage://assets/{audio['asset_id']}")
        timed = await read(client, f"soundstage://assets/{timings['asset_id']}")
    assert isinstance(heard, BlobResourceContents)
    assert isinstance(timed, TextResourceContents)
    assert (heard.mime_type, timed.mime_type) == ("audio/mpeg", "application/json")
    assert base64.b64decode(heard.blob) == (tmp_path / "speech.mp3").read_bytes()
    assert json.loads(timed.text) == {"words": ["é"]}


async def test_a_video_is_read_as_a_video(connect: Connect, tmp_path: Path) -> None:
    tone = ToneProvider(tmp_path)
    tone.finish.set()
    async with connect([tone]) as client:
        begun = await called(client, "create_avatar_video", text="hi", voice_id="tone:low")
        [video] = (await finished(client, begun))["assets"]
        seen = await read(client, f"soundstage://assets/{video['asset_id']}")
    assert isinstance(seen, BlobResourceContents)
    assert seen.mime_type == "video/mp4"
    found = media.probe(base64.b64decode(seen.blob))
    assert found is not None
    assert (found.container, found.width, found.height) == ("mp4", 64, 64)


@pytest.mark.parametrize("mode", ERAS)
async def test_a_generation_is_read_as_the_tools_tell_it(connect: Connect, tone: Delivering, mode: str) -> None:
    async with connect([tone], mode=mode) as client:
        done = await spoken(client)
        content = await read(client, f"soundstage://generations/{done['generation_id']}")
    assert isinstance(content, TextResourceContents)
    assert content.mime_type == "application/json"
    assert json.loads(content.text) == done


@pytest.mark.parametrize("mode", ERAS)
async def test_the_templates_are_listed(connect: Connect, mode: str) -> None:
    async with connect(mode=mode) as client:
        templates = (await client.list_resource_templates()).resource_templates
    assert {template.uri_template: template.mime_type for template in templates} == {
        "soundstage://assets/{asset_id}": None,
        "soundstage://generations/{generation_id}": "application/json",
        "soundstage://providers/{name}": "application/json",
    }


async def sheet(client: Client, name: str) -> dict[str, Any]:
    """What is told of a provider."""
    content = await read(client, f"soundstage://providers/{name}")
    assert isinstance(content, TextResourceContents)
    assert content.mime_type == "application/json"
    return json.loads(content.text)


@pytest.mark.parametrize("mode", ERAS)
async def test_every_provider_is_listed_set_up_or_not(connect: Connect, mode: str) -> None:
    async with connect(mode=mode) as client:
        resources = (await client.list_resources()).resources
        told = [await sheet(client, str(one.uri).rpartition("/")[2]) for one in resources]
    assert [one["provider"] for one in told] == ["local", "hedra", "heygen", "speechgen"]
    assert [one["configured"] for one in told] == [True, False, False, False]
    for resource, one in zip(resources, told, strict=True):
        assert resource.title == one["title"]
        assert resource.description == one["description"]
        assert resource.mime_type == "application/json"
        assert bool(one["missing"]) is not any(tool["ready"] for tool in one["tools"])
        assert one["on_this_machine"] is (one["provider"] == "local")


@pytest.mark.parametrize("mode", ERAS)
async def test_a_provider_tells_all_that_it_takes_in_ranges_of_its_own(
    connect: Connect, tmp_path: Path, mode: str
) -> None:
    one, wider = ToneProvider(tmp_path, name="one"), Wide(tmp_path, name="wide")
    async with connect([one, wider], mode=mode) as client:
        narrow, wide = await sheet(client, "one"), await sheet(client, "wide")
        said = await refusal(client, "synthesize_speech", text="hi", voice_id="one:low", speed=3.5)
    taken = {tool["tool"]: tool["arguments"] for tool in narrow["tools"]}
    assert set(taken) == {"synthesize_speech", "clone_voice", "create_avatar_video", "delete_voice"}
    assert taken["synthesize_speech"]["required"] == ["text"]
    speed = taken["synthesize_speech"]["properties"]["speed"]
    assert (speed["type"], speed["minimum"], speed["maximum"], speed["default"]) == ("number", 0.7, 1.2, 1)
    assert speed["description"]
    assert "0.7 to 1.2" in said
    assert taken["synthesize_speech"]["properties"]["format"]["enum"] == ["wav", "aiff"]
    assert taken["clone_voice"]["properties"]["name"]["maxLength"] == 20
    assert taken["delete_voice"]["properties"] == {}
    [speech] = [tool for tool in wide["tools"] if tool["tool"] == "synthesize_speech"]
    assert speech["arguments"]["properties"]["speed"]["maximum"] == 4
    assert narrow["models"] == [{"model": "one:square", "description": "", "needs_image": False}]
    assert narrow["longest_job_seconds"] == 3600


@pytest.mark.parametrize("mode", ERAS)
@pytest.mark.parametrize("name", ["nobody", "ONE", "one_", "on", "assets"])
async def test_a_provider_that_is_not_known_is_refused_with_those_that_are(
    connect: Connect, tmp_path: Path, mode: str, name: str
) -> None:
    async with connect(
        [ToneProvider(tmp_path, name="one"), ToneProvider(tmp_path, name="two")], mode=mode
    ) as client:
        said = await refused(client, f"soundstage://providers/{name}")
    assert said.startswith("unknown_provider: ")
    assert said.endswith("Read one of soundstage://providers/one, soundstage://providers/two.")


def hostile(home: Path, asset_id: str, file_name: str) -> Sequence[str]:
    """URIs of what lies in and beside the assets folder, in every spelling that has let somebody out before."""
    beside = [f"{up}{name}" for up in ("..", "%2e%2e", "..%2f..", "%252e%252e", "....") for name in ("/state.db",)]
    return [
        *(f"soundstage://assets/{path}" for path in beside),
        *(
            f"soundstage://assets/{asset_id}{path}"
            for path in ("/../../state.db", "/", "?a=1", "#a", "%00", "\0", "\n")
        ),
        f"soundstage://assets/{home / 'state.db'}",
        f"soundstage://assets/{str(home / 'state.db').replace('/', '%2F')}",
        f"soundstage://assets//{asset_id}",
        f"soundstage://assets/{file_name}",
        "soundstage://assets/stray",
        "soundstage://assets/stray.wav",
        "soundstage://assets/..\\state.db",
        "soundstage://assets/",
        "soundstage://assets/%",
        f"soundstage://assets/{asset_id.replace('_', '%5F')}",
        f"soundstage://assets/{asset_id.upper()}",
        f"soundstage://assets/{'a' * 100_000}",
        f"soundstage://generations/../assets/{asset_id}",
        f"soundstage://generations/{asset_id}",
        "soundstage://generations/gen_%' OR 1=1",
        f"file://{home}/state.db",
        "file:///etc/passwd",
        "soundstage://",
        "soundstage://assets/é",
        "",
    ]


@pytest.mark.parametrize("mode", ERAS)
async def test_nothing_else_can_be_read(connect: Connect, settings: Settings, tone: Delivering, mode: str) -> None:
    async with connect([tone], mode=mode) as client:
        asset = (await spoken(client))["assets"][0]
        (settings.home / "assets" / "stray.wav").write_bytes(media.wav(0.1))
        for uri in hostile(settings.home, asset["asset_id"], asset["url"].rpartition("/")[2]):
            said = await refused(client, uri)
            assert said.startswith(("unknown_resource:", "unknown_asset:", "unknown_generation:")), (uri, said)
            assert str(settings.home) not in said


async def test_a_link_in_the_place_of_an_asset_leads_nowhere(
    connect: Connect, settings: Settings, tone: Delivering
) -> None:
    async with connect([tone]) as client:
        asset = (await spoken(client))["assets"][0]
        file = settings.home / "assets" / asset["url"].rpartition("/")[2]
        file.unlink()
        file.symlink_to(settings.home / "state.db")
        assert (await refused(client, f"soundstage://assets/{asset['asset_id']}")).startswith("asset_gone:")


@pytest.mark.parametrize("mode", ERAS)
async def test_an_asset_that_is_gone_is_told_so(connect: Connect, tone: Delivering, mode: str) -> None:
    async with connect([tone], mode=mode) as client:
        asset = (await spoken(client))["assets"][0]
        Path(asset["url"].removeprefix("file://")).unlink()
        assert (await refused(client, f"soundstage://assets/{asset['asset_id']}")).startswith("asset_gone:")


@pytest.mark.parametrize(("seconds", "sent"), [(624.998, True), (625.0, False)])
async def test_up_to_20_mb_are_sent_and_of_more_the_file_is_named(
    connect: Connect, tmp_path: Path, seconds: float, sent: bool
) -> None:
    file = tmp_path / "long.wav"
    file.write_bytes(media.wav(seconds))
    assert (file.stat().st_size <= 20_000_000) is sent
    async with connect([Delivering(MadeFile("audio", file, "audio/wav", seconds))]) as client:
        [asset] = (await spoken(client))["assets"]
        uri = f"soundstage://assets/{asset['asset_id']}"
        if sent:
            content = await read(client, uri)
            assert isinstance(content, BlobResourceContents)
            assert base64.b64decode(content.blob) == file.read_bytes()
        else:
            said = await refused(client, uri)
            assert said.startswith("asset_too_large:")
            assert asset["url"] in said
