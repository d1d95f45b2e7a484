"""Which addresses count as the public internet's, by the special-purpose registries of the IANA."""

import ipaddress

import pytest

from soundstage.addresses import is_public


@pytest.mark.parametrize("network_name", [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
    "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
    "224.0.0.0/4", "240.0.0.0/4", "::/128", "::1/128", "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64",
    "2001::/32", "2001:db8::/32", "2002::/16", "fc00::/7", "fe80::/10", "fec0::/10", "ff00::/8",
])  # fmt: skip
def test_no_special_purpose_network_is_public(network_name: str) -> None:
    special = ipaddress.ip_network(network_name)
    assert not is_public(str(special[0]))
    assert not is_public(str(special[-1]))
    if special.version == 4:
        assert not is_public(f"::ffff:{special[0]}")


@pytest.mark.parametrize("address", ["93.184.216.34", "1.1.1.1", "2606:4700::1111", "::ffff:93.184.216.34"])
def test_the_addresses_of_the_internet_are_public(address: str) -> None:
    assert is_public(address)
