"""Where a provider's API is, and whether the settings for it will do."""

import ipaddress
import re

import httpx2

from soundstage.settings import Access

HOST_NAME = re.compile(r"(?=.{1,253}$)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")
"""A host name or IPv4 address, as it is looked up."""

_KEY = re.compile(r"[!-~]+")


def problem_with(access: Access, key_setting: str, url_setting: str) -> str:
    """What is wrong with the settings of a provider, in words for `Profile.missing`; empty when nothing is."""
    if not access.key:
        return f"an API key; set {key_setting} and restart the server"
    if not _KEY.fullmatch(access.key):
        return (
            f"a usable API key: {key_setting} holds a space or a character that no header can carry; set it anew"
        )
    if base_url(access) is None:
        return (
            f"a usable API address: {url_setting} has to be an https URL, or an http URL of this very machine, "
            "and nothing but host and path"
        )
    return ""


def base_url(access: Access) -> httpx2.URL | None:
    """The URL that the API begins with; None where it is malformed, or would show the key to the network."""
    try:
        url = httpx2.URL(access.base_url)
    except httpx2.InvalidURL:
        return None
    host = url.raw_host.decode("ascii")
    plain = bool(":" in host or HOST_NAME.fullmatch(host)) and not (url.userinfo or url.query or url.fragment)
    secure = url.scheme == "https" or (url.scheme == "http" and is_loopback(url.host))
    return url if plain and secure and (url.port is None or 0 < url.port < 65536) else None


def is_loopback(host: str) -> bool:
    """Whether a host, as it is written, is this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
