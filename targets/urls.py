"""Addresses of this app."""

from django.urls import URLPattern, URLResolver, path

from targets import endpoints, wizard_urls
from targets.views import (
    back_fills,
    call_targets,
    checks,
    corrections,
    images,
    metrics,
    notes,
    overview,
    readings,
    target,
    target_acts,
    target_data,
    target_forms,
    trying,
    walls,
)

site: list[URLPattern | URLResolver] = [path("wall/<str:token>/", walls.wall, name="wall")]
pages: list[URLPattern | URLResolver] = [
    path("", overview.overview, name="overview"),
    path("targets.csv", overview.overview_csv, name="overview-csv"),
    path("targets/new/", target_forms.target_new, name="target-new"),
    path("targets/<int:pk>/", target.target, name="target"),
    path("targets/<int:pk>/edit/", target_forms.target_edit, name="target-edit"),
    path("targets/<int:pk>/delete/", target_forms.target_delete, name="target-delete"),
    path("targets/<int:pk>/pause/", target_acts.target_pause, name="target-pause"),
    path("targets/<int:pk>/check/", target_acts.target_check, name="target-check"),
    path("targets/<int:pk>/chart.json", target_data.target_chart, name="target-chart"),
    path("targets/<int:pk>/chart.png", images.target_png, name="target-png"),
    path("targets/<int:pk>/days.csv", target_data.target_csv, name="target-csv"),
    path("targets/<int:pk>/readings/", readings.target_readings, name="target-readings"),
    path("targets/<int:pk>/notes/new/", notes.note_new, name="note-new"),
    path("targets/<int:pk>/notes/<int:note>/edit/", notes.note_edit, name="note-edit"),
    path("targets/<int:pk>/notes/<int:note>/delete/", notes.note_delete, name="note-delete"),
    path("targets/<int:pk>/<str:starts_on>/", target.target_period, name="target-period"),
    path("targets/<int:pk>/<str:starts_on>/readings/", readings.period_readings, name="target-period-readings"),
    path("connections/<int:pk>/checks/<int:collection>/", checks.collection, name="collection"),
    path("connections/<int:pk>/calls/target/<str:rule>/", call_targets.call_target, name="call-target"),
    path("connections/<int:pk>/feeds/<int:feed>/past/", back_fills.back_fill_new, name="back-fill-new"),
    path("connections/<int:pk>/feeds/<int:feed>/past/turn/", back_fills.back_fill_turn, name="back-fill-turn"),
    path("metrics/", metrics.metrics, name="metrics"),
    path("metrics/new/", metrics.metric_new, name="metric-new"),
    path("metrics/<int:pk>/", metrics.metric, name="metric"),
    path("metrics/<int:pk>/edit/", metrics.metric_edit, name="metric-edit"),
    path("metrics/<int:pk>/try/", trying.metric_try, name="metric-try"),
    path("metrics/<int:pk>/delete/", metrics.metric_delete, name="metric-delete"),
    path("metrics/<int:pk>/type-in/", metrics.metric_type_in, name="metric-type-in"),
    path("metrics/<int:pk>/readings/<int:observation>/", corrections.reading_edit, name="reading-edit"),
    path("metrics/<int:pk>/readings/<int:observation>/delete/", corrections.reading_delete, name="reading-delete"),
    path("wall/", walls.wall_here, name="wall-here"),
    path("walls/", walls.walls, name="walls"),
    path("walls/<int:pk>/revoke/", walls.wall_revoke, name="wall-revoke"),
    *wizard_urls.pages,
]
api_site: list[URLPattern | URLResolver] = []
api: list[URLPattern | URLResolver] = endpoints.api
