"""The command `soundstage`: serve, call a tool, or see what is set up.

soundstage                                      serve MCP over stdio
soundstage call create_avatar_video text="Hi."  call any tool, and follow its generation to the file
soundstage providers                            what is set up, what is missing, how to add it
soundstage tools                                the tools and their arguments
soundstage attach gen_… [ID]                    go on with what needs attention, found at its provider under ID
"""

import argparse
import gc
import logging
import sys

from soundstage import __version__
from soundstage.settings import Settings


def main() -> None:
    """Run the command line; the exit code is 1 when the call was refused or its generation failed."""
    arguments = _parser().parse_args()
    settings = Settings.from_environment()
    _log_to_stderr(settings)
    if arguments.command is None:
        # What is built while starting stays to the end: to look it through for garbage is a tenth of the start.
        gc.disable()
        from soundstage.app import create_server
        from soundstage.stdio import serve

        server = create_server(settings)
        gc.freeze()
        gc.enable()
        serve(server)
        return
    from soundstage import caller

    try:
        if arguments.command == "call":
            code = caller.call(
                settings,
                arguments.tool,
                arguments.arguments,
                as_json=arguments.json,
                output=arguments.output,
            )
        elif arguments.command == "attach":
            code = caller.attach(settings, arguments.generation_id, arguments.job_id, as_json=arguments.json)
        elif arguments.command == "tools":
            code = caller.show_tools(settings, as_json=arguments.json)
        elif arguments.markdown:
            code = caller.show_provider_tables(settings)
        else:
            code = caller.call(settings, "list_providers", [], as_json=arguments.json)
    except KeyboardInterrupt:
        code = 130
    sys.exit(code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="soundstage",
        description="An MCP server that gives LLM agents a voice and a face. Without a command it serves stdio.",
    )
    parser.add_argument("--version", action="version", version=f"soundstage {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="command")
    as_json = argparse.ArgumentParser(add_help=False)
    as_json.add_argument("--json", action="store_true", help="print the structured result as JSON")
    call = commands.add_parser(
        "call",
        parents=[as_json],
        help="call a tool and follow its generation to the file",
        description='Call a tool: soundstage call create_avatar_video text="Hello." image=me.jpg',
    )
    call.add_argument("tool", help="a tool's name; `soundstage tools` lists them")
    call.add_argument("arguments", nargs="*", metavar="name=value", help="the tool's arguments")
    call.add_argument("-o", "--output", metavar="FILE", help="copy the audio or video to FILE")
    attach = commands.add_parser(
        "attach",
        parents=[as_json],
        help="go on with a generation that needs attention, once it is found at its provider",
    )
    attach.add_argument("generation_id", help="the generation, as get_generation_status tells it")
    attach.add_argument(
        "job_id",
        metavar="ID",
        nargs="?",
        default="",
        help="the id of its job, or of its voice model, at the provider; without it, that which is known",
    )
    shown = commands.add_parser("providers", parents=[as_json], help="show what is set up and how to add the rest")
    shown.add_argument("--markdown", action="store_true", help="print what each takes, as the README's tables")
    commands.add_parser("tools", parents=[as_json], help="show the tools and their arguments")
    return parser


def _log_to_stderr(settings: Settings) -> None:
    logging.basicConfig(
        level=settings.log_level, stream=sys.stderr, format="soundstage: %(levelname)s %(name)s: %(message)s"
    )
    # The client logs each URL it opens, signatures and all.
    logging.getLogger("httpx2").setLevel(logging.ERROR)
    logging.getLogger("httpcore2").setLevel(logging.ERROR)
