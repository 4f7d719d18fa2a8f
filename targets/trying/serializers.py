"""What the API takes and answers when a way of reading is tried."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework import serializers

from connectors.written.values import NAMES
from organisations.api_forms import FormSerializer
from targets.models import Metric
from targets.rules import HOW_FOUND
from targets.trying.forms import OF_THE_FEED, TryForm

if TYPE_CHECKING:
    from connectors.sifting import Aside
    from targets.trying.tried import Trial

OF_ITS_OWN = "; as the feed has it where it is not sent"


class TryMetricSerializer(FormSerializer):
    """A way of reading: what is not sent is as it is stored. `again` asks the source anew, and not its last answer."""

    number_format = serializers.ChoiceField(choices=[(name, name) for name in NAMES], required=False)
    rows = serializers.CharField(required=False, help_text=f"Where the rows stand in the answer{OF_ITS_OWN}.")
    at_path = serializers.CharField(required=False, help_text=f"Where a row says its time{OF_ITS_OWN}.")
    at_format = serializers.CharField(required=False, help_text=f"How the time is written{OF_ITS_OWN}.")
    again = serializers.BooleanField(required=False, default=False)

    class Meta:
        model = Metric
        form = TryForm
        fields = [*HOW_FOUND, *OF_THE_FEED, "again"]
        extra_kwargs = {name: {"required": False} for name in HOW_FOUND}


class TriedPointSerializer(serializers.Serializer[Any]):
    """One reading that would be kept."""

    at = serializers.SerializerMethodField(help_text="A date for a whole day, else a time.")
    segment = serializers.CharField()
    value = serializers.FloatField()
    weight = serializers.FloatField()

    def get_at(self, point: Any) -> str:
        """Return the time as it could be pushed."""
        return str(point.at.date() if point.whole_day else point.at.isoformat())


class TriedRowSerializer(serializers.Serializer[Any]):
    """One row that would be set aside."""

    place = serializers.IntegerField()
    code = serializers.CharField()
    message = serializers.CharField()
    row = serializers.JSONField()


class TriedMetricSerializer(serializers.Serializer[Any]):
    """What would come of the last answer. Where there is none, or no rows in it, `message` says why."""

    ok = serializers.BooleanField()
    message = serializers.CharField()
    rows = serializers.IntegerField(help_text="Rows in the answer; the first 500 are tried.")
    left_out = serializers.IntegerField(help_text="Rows that a condition leaves out, or that a later row replaces.")
    points = TriedPointSerializer(many=True)
    refused = TriedRowSerializer(many=True)


def tried_answer(trial: Trial) -> dict[str, Any]:
    """Return a trial as the API answers it."""
    return {
        "ok": True,
        "message": "",
        "rows": trial.total,
        "left_out": len(trial.left_out),
        "points": TriedPointSerializer(trial.points, many=True).data,
        "refused": [_refused(each) for each in trial.refused],
    }


def untried_answer(message: str) -> dict[str, Any]:
    """Return why nothing could be tried."""
    return {"ok": False, "message": message, "rows": 0, "left_out": 0, "points": [], "refused": []}


def _refused(each: Aside) -> dict[str, Any]:
    return {"place": each.place, "code": each.why.code, "message": str(each.reason), "row": each.row}
