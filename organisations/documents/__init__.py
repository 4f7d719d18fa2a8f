"""What an app declares so that its rows can stand in a blueprint: shapes of values, fields, and sections. Pure."""

from organisations.documents.sections import REQUIRED, Body, Field, Found, Refused, Section, Wanted, Writer
from organisations.documents.shapes import Shape, Wrong

__all__ = ["REQUIRED", "Body", "Field", "Found", "Refused", "Section", "Shape", "Wanted", "Writer", "Wrong"]
