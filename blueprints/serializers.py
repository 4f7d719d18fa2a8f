"""How files, their mistakes and differences are spoken of in the API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from blueprints.applying import Order
from blueprints.drifting import drift
from blueprints.models import Blueprint
from blueprints.telling import summary
from organisations.api import TenantSerializer
from organisations.api_filters import refuse_unknown
from organisations.api_forms import WHOLE

if TYPE_CHECKING:
    from blueprints.mistakes import Mistake
    from blueprints.planning import Change, Plan

MOST_FILES = 500
LONGEST_FILE_NAME = 200
EXAMPLE = """\
blueprint: 1
targets:
  10,000 visitors a month:
    metric: Website visitors
    goal: at least ${GOAL} per month
"""


class Sent(serializers.Serializer[Any]):
    """A serializer that knows all it is sent."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """Refuse unknown fields, which may be slips."""
        if not isinstance(data, dict):
            raise serializers.ValidationError({WHOLE: [_("Send one object, with the fields by name.")]})
        refuse_unknown(data, self.fields, "field")
        found: dict[str, Any] = super().to_internal_value(data)
        return found


class BlueprintFilesSerializer(Sent):
    """The files that make one blueprint together."""

    files = serializers.DictField(
        child=serializers.CharField(trim_whitespace=False, allow_blank=True),
        allow_empty=False,
        help_text="The texts of the files by their names.",
    )

    def validate_files(self, files: dict[str, str]) -> dict[str, str]:
        """Refuse names that no file has, and more files than anybody writes."""
        if len(files) > MOST_FILES:
            raise serializers.ValidationError(_("Send at most %(most)s files.") % {"most": MOST_FILES})
        for name in files:
            if not name.strip() or not name.isprintable() or len(name) > LONGEST_FILE_NAME:
                raise serializers.ValidationError(_("A file's name is a line of text, at most 200 characters long."))
        return files


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "One file with an open value",
            {"files": {"growth.yaml": EXAMPLE}, "answers": {"GOAL": "10000"}},
            request_only=True,
        )
    ]
)
class BlueprintOrderSerializer(BlueprintFilesSerializer):
    """What is to be applied, and how."""

    answers = serializers.DictField(
        child=serializers.CharField(trim_whitespace=False, allow_blank=True),
        required=False,
        default=dict,
        help_text="The values and secrets that the files leave open, by their names.",
    )
    prune = serializers.BooleanField(
        default=False, help_text="Remove what the files name no more: of their sections or, with `manage`, of theirs."
    )
    manage = serializers.CharField(
        default="", allow_blank=True, max_length=100, help_text="Keep the files by this name and mark their rows."
    )
    locked = serializers.BooleanField(
        required=False,
        help_text="With `manage`: only the files may change what they describe. Else as it was.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a lock that belongs to nothing."""
        if attrs.get("locked") and not attrs["manage"]:
            raise serializers.ValidationError({"locked": [_("A lock belongs to a name: send “manage” as well.")]})
        return attrs


class BlueprintApplySerializer(BlueprintOrderSerializer):
    """The same, and the plan that was seen before."""

    seen = serializers.CharField(
        default="",
        allow_blank=True,
        max_length=64,
        help_text="The `fingerprint` of the plan that was looked at: another plan by now is refused.",
    )


def order_of(sent: dict[str, Any], *, was_locked: bool, without: frozenset[str] = frozenset()) -> Order:
    """Return what is ordered; answers to the names in `without` are not looked at."""
    return Order(
        texts=sent["files"],
        answers={name: answer for name, answer in sent["answers"].items() if name not in without},
        prune=sent["prune"],
        file=sent["manage"],
        locked=sent.get("locked", was_locked),
    )


class BlueprintMistakeSerializer(serializers.Serializer[Any]):
    """One thing that is wrong, and where."""

    file = serializers.CharField(allow_blank=True)
    line = serializers.IntegerField(help_text="From 1; 0 where there is none.")
    path = serializers.ListField(child=serializers.CharField(), help_text="Section, name, field, and so on.")
    sentence = serializers.CharField(help_text="For people, in their language.")
    meant = serializers.CharField(allow_blank=True, help_text="What was probably meant.")


class BlueprintMistakesSerializer(serializers.Serializer[Any]):
    """All that is wrong with files."""

    mistakes = BlueprintMistakeSerializer(many=True)


class PlannedLineSerializer(serializers.Serializer[Any]):
    """One field that differs. Nothing is its default; a secret is never shown."""

    path = serializers.ListField(child=serializers.CharField())
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)


class PlannedChangeSerializer(serializers.Serializer[Any]):
    """What happens to one row."""

    section = serializers.CharField()
    name = serializers.CharField()
    verb = serializers.CharField(help_text="create, change or remove.")
    goes_with = serializers.CharField(allow_blank=True, help_text="What is removed and takes this along.")
    lines = PlannedLineSerializer(many=True)


class BlueprintPlanSerializer(serializers.Serializer[Any]):
    """What applying files changes, in the order in which it happens, and what stands in the way."""

    summary = serializers.CharField()
    is_ready = serializers.BooleanField(help_text="Whether it can be applied.")
    fingerprint = serializers.CharField(help_text="Send it as `seen` to apply exactly this.")
    changes = PlannedChangeSerializer(many=True)
    same = serializers.IntegerField(help_text="Rows that are as the files want them.")
    mistakes = BlueprintMistakeSerializer(many=True)
    missing = serializers.ListField(child=serializers.CharField(), help_text="Open values without an answer.")
    missing_secrets = serializers.ListField(child=serializers.CharField(), help_text="Secrets without an answer.")


def plain_plan(plan: Plan) -> dict[str, Any]:
    """Return a plan as data."""
    return {
        "summary": summary(plan),
        "is_ready": plan.is_ready,
        "fingerprint": plan.fingerprint,
        "changes": [_plain_change(change) for change in plan.changes],
        "same": plan.same,
        "mistakes": plain_mistakes(plan.mistakes),
        "missing": plan.missing,
        "missing_secrets": plan.missing_secrets,
    }


def _plain_change(change: Change) -> dict[str, Any]:
    lines = [{"path": line.path, "before": line.before, "after": line.after} for line in change.lines]
    said = {"section": change.section, "name": change.name, "verb": change.verb.value}
    return {**said, "goes_with": change.with_name, "lines": lines}


def plain_mistakes(mistakes: list[Mistake]) -> list[dict[str, Any]]:
    """Return mistakes as data."""
    return [
        {
            "file": mistake.file,
            "line": mistake.line,
            "path": list(mistake.path),
            "sentence": mistake.sentence,
            "meant": mistake.meant,
        }
        for mistake in mistakes
    ]


class BlueprintDriftSerializer(serializers.Serializer[Any]):
    """How far an organisation is from what a kept file says."""

    summary = serializers.CharField()
    changes = serializers.IntegerField(help_text="Rows that applying the file again would change; 0: no drift.")
    mistakes = BlueprintMistakeSerializer(many=True)


class BlueprintSerializer(TenantSerializer):
    """A file, or a folder of files, that describes rows of the organisation, as it was applied last."""

    applied_by = serializers.EmailField(source="applied_by.email", read_only=True, allow_null=True, default=None)
    drift = serializers.SerializerMethodField()

    class Meta:
        model = Blueprint
        fields = ["id", "name", "is_locked", "applied_at", "applied_by", "drift"]
        read_only_fields = ["name", "applied_at"]

    @extend_schema_field(BlueprintDriftSerializer)
    def get_drift(self, row: Blueprint) -> dict[str, Any]:
        """Compare the file with what is there, which is read once for all files."""
        plan = drift(self.context["access"], row, there=self.context["there"])
        return {"summary": summary(plan), "changes": len(plan.changes), "mistakes": plain_mistakes(plan.mistakes)}


class WholeBlueprintSerializer(BlueprintSerializer):
    """The same with its texts."""

    class Meta(BlueprintSerializer.Meta):
        fields = [*BlueprintSerializer.Meta.fields, "texts", "answers"]
        read_only_fields = [*BlueprintSerializer.Meta.read_only_fields, "texts", "answers"]
