"""Judged is what a name resolves to, and what hides inside it."""

import threading
from collections.abc import Callable, Sequence
from ipaddress import ip_address, ip_network

import pytest

from connectors.errors import Blocked, Reason, Unreachable
from connectors.outbound import Policy, judged_addresses
from connectors.outbound.addresses import faces, judge

NOTHING_ALLOWED = Policy()


def answering(*addresses: str) -> Callable[[str, int], Sequence[str]]:
    return lambda _host, _port: addresses


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "2002:808:808::1", "::ffff:8.8.8.8", "100.128.0.1"],
)
def test_public_addresses_may_be_called(address: str) -> None:
    judge(ip_address(address), host="api.example.com", port=443, policy=NOTHING_ALLOWED)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",  # noqa: S104  (called, not listened on)
        "0.1.2.3",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.1.1",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "198.18.0.1",
        "203.0.113.7",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::7f00:1",
        "64:ff9b:1:7f00:0:100::",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::1",
        "2001:0:7f00:1::",
        "2001:db8::1",
        "3fff::1",
        "5f00::1",
        "100::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "ff0e::1",
    ],
)
def test_other_addresses_may_not(address: str) -> None:
    with pytest.raises(Blocked, match=r"inside the network|metadata") as caught:
        judge(ip_address(address), host="api.example.com", port=443, policy=NOTHING_ALLOWED)
    assert caught.value.reason is Reason.BLOCKED
    assert caught.value.permanent


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("8.8.8.8", []),
        ("2606:4700::1111", []),
        ("::1", []),
        ("::10.1.2.3", ["10.1.2.3"]),
        ("2002:0a01:0203::1", ["10.1.2.3"]),
        ("64:ff9b::a01:203", ["10.1.2.3"]),
        ("64:ff9b:1::a01:203", ["10.1.2.3"]),
        ("64:ff9b:1:0a01:02:0300::", ["10.1.2.3"]),
        ("2001:0:808:808::f5fe:fdfc", ["8.8.8.8", "10.1.2.3"]),
    ],
)
def test_wrapped_addresses_are_unwrapped(address: str, inside: list[str]) -> None:
    assert [str(face) for face in faces(ip_address(address))] == [str(ip_address(address)), *inside]


def test_a_mapped_address_is_its_inner_address() -> None:
    assert faces(ip_address("::ffff:10.1.2.3")) == (ip_address("10.1.2.3"),)


@pytest.mark.parametrize(
    ("policy", "address", "host"),
    [
        (Policy(allowed_networks=(ip_network("10.0.0.0/8"),)), "10.1.2.3", "wiki.example.org"),
        (Policy(allowed_networks=(ip_network("10.0.0.0/8"),)), "::ffff:10.1.2.3", "wiki.example.org"),
        (Policy(allowed_networks=(ip_network("::1/128"),)), "::1", "localhost"),
        (Policy(allowed_networks=(ip_network("64:ff9b::/96"),)), "64:ff9b::808:808", "api.example.com"),
        (Policy(allowed_hosts=frozenset({"wiki.example.org"})), "10.1.2.3", "Wiki.Example.org."),
    ],
)
def test_the_administrator_opens_networks_and_hosts(policy: Policy, address: str, host: str) -> None:
    judge(ip_address(address), host=host, port=443, policy=policy)


@pytest.mark.parametrize(
    ("policy", "address", "host"),
    [
        (Policy(allowed_networks=(ip_network("10.0.0.0/8"),)), "192.168.0.1", "wiki.example.org"),
        (Policy(allowed_networks=(ip_network("64:ff9b::/96"),)), "64:ff9b::a01:203", "wiki.example.org"),
        (Policy(allowed_hosts=frozenset({"wiki.example.org"})), "10.1.2.3", "evil.wiki.example.org"),
        (Policy(allowed_networks=(ip_network("fe80::/10"),)), "fe80::1%eth0", "router.example.org"),
    ],
)
def test_nothing_beside_them_is_opened(policy: Policy, address: str, host: str) -> None:
    with pytest.raises(Blocked):
        judge(ip_address(address), host=host, port=443, policy=policy)


EVERYTHING_ALLOWED = Policy(
    allowed_networks=(ip_network("0.0.0.0/0"), ip_network("::/0")),
    allowed_hosts=frozenset({"metadata.google.internal", "cloud.example.com"}),
)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "169.254.170.2",
        "100.100.100.200",
        "192.0.0.192",
        "168.63.129.16",
        "fd00:ec2::254",
        "fd20:ce::254",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::a9fe:a9fe",
        "2002:a9fe:a9fe::",
        "::169.254.169.254",
    ],
)
def test_metadata_services_stay_shut_whatever_is_allowed(address: str) -> None:
    with pytest.raises(Blocked, match="metadata"):
        judge(ip_address(address), host="cloud.example.com", port=443, policy=EVERYTHING_ALLOWED)


@pytest.mark.parametrize("host", ["metadata.google.internal", "METADATA.google.internal.", "metadata"])
def test_metadata_services_are_known_by_name_too(host: str) -> None:
    with pytest.raises(Blocked, match="metadata"):
        judged_addresses(host, 80, policy=EVERYTHING_ALLOWED, seconds=1, resolve=answering("8.8.8.8"))


def test_one_bad_address_refuses_all() -> None:
    with pytest.raises(Blocked):
        judged_addresses(
            "api.example.com", 443, policy=NOTHING_ALLOWED, seconds=1, resolve=answering("8.8.8.8", "10.0.0.1")
        )


def test_good_addresses_are_returned_in_order_and_once() -> None:
    resolve = answering("8.8.8.8", "2606:4700::1111", "8.8.8.8")
    found = judged_addresses("api.example.com", 443, policy=NOTHING_ALLOWED, seconds=1, resolve=resolve)
    assert [str(address) for address in found] == ["8.8.8.8", "2606:4700::1111"]


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "127.0.1", "localhost"])
def test_the_system_reads_odd_spellings_of_loopback_and_they_are_judged(host: str) -> None:
    with pytest.raises(Blocked, match="inside the network"):
        judged_addresses(host, 80, policy=NOTHING_ALLOWED, seconds=5)


def failing(host: str, port: int) -> Sequence[str]:
    raise OSError("no such host")


@pytest.mark.parametrize("resolve", [failing, answering()])
def test_an_unknown_name_is_unreachable(resolve: Callable[[str, int], Sequence[str]]) -> None:
    with pytest.raises(Unreachable, match=r"nowhere\.example\.com was not found"):
        judged_addresses("nowhere.example.com", 80, policy=NOTHING_ALLOWED, seconds=1, resolve=resolve)


def test_a_label_too_long_for_a_name_is_unreachable() -> None:
    with pytest.raises(Unreachable):
        judged_addresses("a" * 64 + ".example.com", 80, policy=NOTHING_ALLOWED, seconds=5)


def test_a_name_server_that_hangs_is_left_at_the_deadline() -> None:
    released = threading.Event()

    def hanging(host: str, port: int) -> Sequence[str]:
        released.wait(10)
        return ["8.8.8.8"]

    with pytest.raises(Unreachable) as caught:
        judged_addresses("slow.example.com", 80, policy=NOTHING_ALLOWED, seconds=0.05, resolve=hanging)
    released.set()
    assert caught.value.reason is Reason.TIMEOUT


@pytest.mark.parametrize(("port", "opened"), [(8000, True), (8001, False)])
def test_a_host_can_be_opened_for_one_port(port: int, opened: bool) -> None:
    policy = Policy(allowed_hosts=frozenset({"localhost:8000"}))
    if opened:
        judge(ip_address("127.0.0.1"), host="localhost", port=port, policy=policy)
        return
    with pytest.raises(Blocked):
        judge(ip_address("127.0.0.1"), host="localhost", port=port, policy=policy)
