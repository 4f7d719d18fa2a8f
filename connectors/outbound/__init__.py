"""The only way out to the network.

    with GuardedSession(policy=policy, secrets=secrets, log=log, now=now) as session:
        answer = session.get("https://api.example.com/visitors", params={"day": "2026-11-20"})

Every address is judged when it is connected to, time and size are limited whole, redirects are followed by hand, failed
attempts are repeated where that may help, and each is noted with its secrets masked. Whatever does not speak HTTP (a
database, a mail server) connects to `judged_addresses`.
"""

from requests import PreparedRequest

from connectors.outbound.addresses import Resolver, judged_addresses
from connectors.outbound.answer import Answer
from connectors.outbound.certificates import ClientCertificate
from connectors.outbound.notes import CallNote
from connectors.outbound.policy import Policy
from connectors.outbound.redaction import MASK, Redaction
from connectors.outbound.session import GuardedSession

__all__ = [
    "MASK",
    "Answer",
    "CallNote",
    "ClientCertificate",
    "GuardedSession",
    "Policy",
    "PreparedRequest",
    "Redaction",
    "Resolver",
    "judged_addresses",
]
