"""YAML as programs send and take it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser

from organisations.api_format import JsonRenderer

if TYPE_CHECKING:
    from rest_framework.renderers import BaseRenderer
    from rest_framework.request import Request

FILE = "blueprint.yaml"  # what a body without a name is called


class Yaml(BaseParser):
    """Takes a body as the one file of a blueprint."""

    media_type = "application/yaml"

    def parse(
        self,
        stream: Any,
        media_type: str | None = None,  # noqa: ARG002  the framework's contract
        parser_context: Mapping[str, Any] | None = None,  # noqa: ARG002  the framework's contract
    ) -> dict[str, Any]:
        """Return the text by a name. Raises ParseError."""
        try:
            return {"files": {FILE: stream.read().decode("utf-8-sig")}}
        except UnicodeDecodeError:
            raise ParseError(_("The body is not written in UTF-8.")) from None


class TextYaml(Yaml):
    """The same under its other name."""

    media_type = "text/yaml"


class YamlRenderer(JsonRenderer):
    """Answers a text as it is; what is none, such as a problem, as JSON."""

    media_type = "application/yaml"
    format = "yaml"
    charset: str | None = "utf-8"  # type: ignore[assignment]  # the stubs of the base say None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        """Return the bytes."""
        if isinstance(data, str):
            return data.encode()
        return super().render(data, accepted_media_type, renderer_context)


class ByForm(DefaultContentNegotiation):
    """Chooses by `?form=json` or `?form=yaml`, and by `Accept` where the address says nothing."""

    def select_renderer(
        self, request: Request, renderers: Any, format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        """Return how to answer. Raises Http404 for a form that there is not."""
        form = request.query_params.get("form")
        if form:
            renderer = self.filter_renderers(renderers, form)[0]
            return renderer, renderer.media_type
        chosen: tuple[BaseRenderer, str] = super().select_renderer(request, renderers, format_suffix)
        return chosen
