"""A name server of the tests' own, and a resolver that really asks it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rdatatype
import dns.resolver
import dns.rrset


@dataclass
class NameServer:
    """Answers each question for an address with the next of its answers, to be forgotten at once; the last for ever."""

    answers: list[Sequence[str]]
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port: int = self.socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                question, sender = self.socket.recvfrom(4096)
                self.socket.sendto(self._answer(dns.message.from_wire(question)).to_wire(), sender)

    def _answer(self, question: dns.message.Message) -> dns.message.Message:
        answer = dns.message.make_response(question)
        answer.flags |= dns.flags.RA
        (asked,) = question.question
        if asked.rdtype == dns.rdatatype.A:
            self.asked.append(asked.name.to_text(omit_final_dot=True))
            found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            answer.answer.append(dns.rrset.from_text(asked.name, 0, "IN", "A", *found))
        return answer

    def resolve(self, host: str, port: int) -> list[str]:
        """Ask over the network, as the system does; numbers are no names."""
        with suppress(OSError):
            return [socket.inet_ntoa(socket.inet_aton(host))]
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port, resolver.cache = ["127.0.0.1"], self.port, None
        return [record.to_text() for record in resolver.resolve(host, "A", lifetime=5)]

    def close(self) -> None:
        """Answer nobody any more."""
        self.socket.close()
