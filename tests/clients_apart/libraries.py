"""Hold our tools and results against client libraries that cannot be installed beside the others.

`.venv/bin/python tests/clients_apart/libraries.py` puts each into an environment of its own, in a temporary
folder, and runs its script there with what our server lists for every combination of configured providers.
"""

import json
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import anyio

sys.path.insert(0, str(Path(__file__).parents[1]))

from configured import ALL, COMBINATIONS, definition, listed
from emulators import media

HERE = Path(__file__).parent
CLIENTS = {
    "with_langchain.py": ["langchain-mcp-adapters==0.3.2", "langchain-google-genai==4.4.2"],
    "with_litellm.py": ["litellm==1.106.2"],
}


async def definitions(home: Path) -> dict[str, list[object]]:
    setups = [*((names, True) for names in COMBINATIONS), ((), False), (ALL, False)]
    return {
        f"{names} local={local}": [definition(tool) for tool in await listed(home, names, local=local)]
        for names, local in setups
    }


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "grey.png").write_bytes(media.png(300, 300))
        (place / "tools.json").write_text(json.dumps(anyio.run(definitions, place / "home")), encoding="utf-8")
        for script, packages in CLIENTS.items():
            environment = place / script.removesuffix(".py")
            venv.create(environment, with_pip=True)
            python = environment / "bin" / "python"
            subprocess.run([python, "-m", "pip", "install", "--quiet", *packages], check=True)
            subprocess.run([python, HERE / script, place, sys.executable], check=True)


if __name__ == "__main__":
    main()
