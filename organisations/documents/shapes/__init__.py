"""The shapes that values take in a blueprint, and the one way in which each is written.

`read` takes whatever a file may say, short or long, and returns the written form; the written form read again is
itself. So a difference is a comparison of texts, numbers and lists, and an export needs no second formatter. `schema`
describes what `read` takes, as JSON Schema (draft 2020-12). No shape knows the database.
"""

from organisations.documents.shapes.contract import Shape, Wrong, nearest, plain, unknown
from organisations.documents.shapes.moments import (
    EVERY_DAY,
    SPOKEN,
    UNITS,
    WEEKDAYS,
    WORKDAYS,
    Clock,
    Day,
    Rhythm,
    Weekdays,
    minutes_of,
    rhythm,
    weekdays,
)
from organisations.documents.shapes.names import MEMBERS, PLACEHOLDER, Anything, Group, Reference, References, Secret
from organisations.documents.shapes.values import Choice, Flag, Names, Number, Pairs, Text, as_number

__all__ = [
    "EVERY_DAY",
    "MEMBERS",
    "PLACEHOLDER",
    "SPOKEN",
    "UNITS",
    "WEEKDAYS",
    "WORKDAYS",
    "Anything",
    "Choice",
    "Clock",
    "Day",
    "Flag",
    "Group",
    "Names",
    "Number",
    "Pairs",
    "Reference",
    "References",
    "Rhythm",
    "Secret",
    "Shape",
    "Text",
    "Weekdays",
    "Wrong",
    "as_number",
    "minutes_of",
    "nearest",
    "plain",
    "rhythm",
    "unknown",
    "weekdays",
]
