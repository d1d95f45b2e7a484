"""Which network addresses are the public internet's: all that a URL of somebody else's choosing may reach."""

import ipaddress

_NOT_PUBLIC = tuple(
    ipaddress.ip_network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "168.63.129.16/32",  # the host agent of Azure's virtual machines, on an otherwise public range
        "169.254.0.0/16",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "224.0.0.0/3",
        "::/96",
        "64:ff9b::/96",
        "64:ff9b:1::/48",
        "2001::/23",
        "2002::/16",
        "fc00::/7",
        "fe80::/9",
        "ff00::/8",
    )
)


def is_public(address: str) -> bool:
    """Whether `address`, an IPv4 or IPv6 literal, is a global unicast address.

    The list above stands beside `is_global` because the latter's answer for translated, tunnelled and
    metadata addresses differs between Python releases. What is not an address at all is not public.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return parsed.is_global and not any(parsed in network for network in _NOT_PUBLIC)
