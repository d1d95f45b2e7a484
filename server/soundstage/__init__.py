"""Soundstage: an MCP server that gives LLM agents a voice and a face."""

from importlib.metadata import version

__version__ = version("soundstage")
