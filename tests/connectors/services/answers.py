"""What each service is asked on 20 November 2026 and answers, in the form its public documentation shows.

The numbers are made up. A feed looks back two days here. `asked` is every request in its order: path, then parameters,
or the JSON that was posted; `answers` go out one by one, the last again and again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Asked = tuple[str, dict[str, Any]]
Points = list[tuple[str, str, float]]  # when, segment, value

MIDNIGHT, NOON = 1_794_956_400, 1_795_176_000  # 18 November, 00:00 in Berlin; 20 November, 12:00 UTC


@dataclass(frozen=True, kw_only=True)
class Talk:
    """What is asked for one feed, what is answered, and the points of its metrics."""

    asked: list[Asked]
    answers: list[Any]
    points: dict[str, Points]
    headers: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Known:
    """How one service is signed in to, and the talk about each of its feeds."""

    signed: dict[str, str] = field(default_factory=dict)
    signed_by: dict[str, str] = field(default_factory=dict)  # a parameter
    account: tuple[str, str, str] | None = None  # the address of tokens, who signs and for what
    talks: dict[str, Talk]


def level(value: float) -> Points:
    """Return one point at the moment of the call."""
    return [("2026-11-20T12:00", "", value)]


def so_far(*values: float) -> Points:
    """Return running totals: at the end of the 18th and of the 19th, and at the moment of the call."""
    at = ["2026-11-18T22:59", "2026-11-19T22:59", "2026-11-20T12:00"]
    return [(moment, "", value) for moment, value in zip(at, values, strict=True)]


def days(*values: float) -> Points:
    """Return a point for each whole day from the 18th on."""
    return [(f"2026-11-{18 + number}T00:00", "", value) for number, value in enumerate(values)]


MONTHS_SO_FAR = ["2026-11-18", "2026-11-19", "2026-11-20"]

PLAUSIBLE_DAYS = {
    "results": [
        {"metrics": [310, 402, 1201, 41.5, 95], "dimensions": ["2026-11-18"]},
        {"metrics": [295, 377, 1102, 43, 88], "dimensions": ["2026-11-19"]},
        {"metrics": [120, 131, 402, 50, 61], "dimensions": ["2026-11-20"]},
    ],
    "meta": {},
    "query": {"site_id": "example.com", "metrics": ["visitors"], "date_range": ["2026-11-18", "2026-11-20"]},
}
PLAUSIBLE_ASK = {
    "site_id": "example.com",
    "metrics": ["visitors", "visits", "pageviews", "bounce_rate", "visit_duration"],
    "date_range": ["2026-11-18", "2026-11-20"],
    "dimensions": ["time:day"],
}
PLAUSIBLE = Known(
    signed={"Authorization": "Bearer plausible-key"},
    talks={
        "days": Talk(
            asked=[("POST /api/v2/query", PLAUSIBLE_ASK)],
            answers=[PLAUSIBLE_DAYS],
            points={
                "visitors": days(310, 295, 120),
                "visits": days(402, 377, 131),
                "pageviews": days(1201, 1102, 402),
                "bounce_rate": days(41.5, 43, 50),
                "visit_duration": days(95, 88, 61),
            },
        ),
        "month": Talk(
            asked=[
                (
                    "POST /api/v2/query",
                    {"site_id": "example.com", "metrics": ["visitors"], "date_range": ["2026-11-01", until]},
                )
                for until in MONTHS_SO_FAR
            ],
            answers=[
                {"results": [{"metrics": [number], "dimensions": []}], "meta": {}} for number in (4100, 4350, 4402)
            ],
            points={"month_visitors": so_far(4100, 4350, 4402)},
        ),
        "now": Talk(
            asked=[("GET /api/v1/stats/realtime/visitors", {"site_id": "example.com"})],
            answers=["7"],
            points={"people_now": level(7)},
        ),
    },
)

MATOMO_TABLE = (
    "date,nb_uniq_visitors,nb_users,nb_visits,nb_actions,nb_visits_converted,bounce_count,sum_visit_length,"
    "max_actions,bounce_rate,nb_actions_per_visit,avg_time_on_site\n"
    "2026-11-18,201,0,240,910,4,101,22000,40,42%,3.8,92\n"
    "2026-11-20,77,0,81,300,1,40,7000,22,49%,3.7,86\n"
)
MATOMO = Known(
    signed_by={"token_auth": "matomo-token"},
    talks={
        "days": Talk(
            asked=[
                (
                    "GET /index.php",
                    {
                        "module": "API",
                        "method": "VisitsSummary.get",
                        "idSite": "1",
                        "period": "day",
                        "date": "2026-11-18,2026-11-20",
                        "format": "CSV",
                        "convertToUnicode": "0",
                        "filter_limit": "-1",
                    },
                )
            ],
            answers=[MATOMO_TABLE],
            headers=[{"Content-Type": "application/vnd.ms-excel; charset=utf-8"}],
            points={
                "visitors": [("2026-11-18T00:00", "", 201), ("2026-11-20T00:00", "", 77)],
                "visits": [("2026-11-18T00:00", "", 240), ("2026-11-20T00:00", "", 81)],
                "actions": [("2026-11-18T00:00", "", 910), ("2026-11-20T00:00", "", 300)],
                "bounce_rate": [("2026-11-18T00:00", "", 42), ("2026-11-20T00:00", "", 49)],
            },
        )
    },
)


def github_days(name: str) -> dict[str, Any]:
    """Return what GitHub says of the last days."""
    counts = [("2026-11-18", 30, 12), ("2026-11-19", 41, 15)]
    rows = [{"timestamp": f"{day}T00:00:00Z", "count": count, "uniques": uniques} for day, count, uniques in counts]
    return {"count": 71, "uniques": 25, name: rows}


def github_found(sort: str, *numbers: int) -> Talk:
    """Return the talk about a search of the month."""
    key = {"is:issue created": "issues", "is:pr merged": "merged"}[sort]
    return Talk(
        asked=[
            ("GET /search/issues", {"q": f"repo:example/website {sort}:2026-11-01..{until}", "per_page": "1"})
            for until in MONTHS_SO_FAR
        ],
        answers=[{"total_count": number, "incomplete_results": False, "items": []} for number in numbers],
        points={key: so_far(*numbers)},
    )


GITHUB = Known(
    signed={
        "Authorization": "Bearer github_pat_example",
        "Accept": "application/vnd.github+json",
        "X-GitHub-Api-Version": "2022-11-28",
    },
    talks={
        "repository": Talk(
            asked=[("GET /repos/example/website", {})],
            answers=[{"id": 1296269, "full_name": "example/website", "stargazers_count": 80, "open_issues_count": 9}],
            points={"stars": level(80), "open": level(9)},
        ),
        "views": Talk(
            asked=[("GET /repos/example/website/traffic/views", {})],
            answers=[github_days("views")],
            points={"views": days(30, 41), "visitors": days(12, 15)},
        ),
        "clones": Talk(
            asked=[("GET /repos/example/website/traffic/clones", {})],
            answers=[github_days("clones")],
            points={"clones": days(30, 41)},
        ),
        "issues": github_found("is:issue created", 4, 5, 5),
        "merged": github_found("is:pr merged", 20, 22, 23),
    },
)


def charge(number: int, at: int, amount: int, **more: Any) -> dict[str, Any]:
    """Return one payment as Stripe lists it."""
    usual = {"object": "charge", "amount_refunded": 0, "currency": "eur", "paid": True, "status": "succeeded"}
    return {"id": f"ch_{number}", "created": at, "amount": amount, **usual, **more}


STRIPE_RANGE = {"created[gte]": f"{MIDNIGHT}", "created[lt]": f"{NOON}", "limit": "100"}
STRIPE = Known(
    signed={"Authorization": "Bearer rk_test_example"},
    talks={
        "charges": Talk(
            asked=[
                ("GET /v1/charges", STRIPE_RANGE),
                ("GET /v1/charges", {**STRIPE_RANGE, "starting_after": "ch_2"}),
            ],
            answers=[
                {
                    "object": "list",
                    "url": "/v1/charges",
                    "has_more": True,
                    "data": [
                        charge(1, NOON - 60, 1999),
                        charge(2, NOON - 120, 500, status="failed", paid=False),
                    ],
                },
                {
                    "object": "list",
                    "url": "/v1/charges",
                    "has_more": False,
                    "data": [
                        charge(3, NOON - 180, 700, currency="usd"),
                        charge(4, NOON - 240, 3000, amount_refunded=1000),
                    ],
                },
            ],
            points={
                "revenue": [("2026-11-20T11:56", "", 30.0), ("2026-11-20T11:59", "", 19.99)],
                "refunds": [("2026-11-20T11:56", "", 10.0), ("2026-11-20T11:59", "", 0.0)],
                "payments": [("2026-11-20T11:56", "", 1), ("2026-11-20T11:59", "", 1)],
            },
        ),
        "customers": Talk(
            asked=[("GET /v1/customers", STRIPE_RANGE)],
            answers=[
                {
                    "object": "list",
                    "url": "/v1/customers",
                    "has_more": False,
                    "data": [
                        {"id": "cus_2", "object": "customer", "created": NOON - 3600},
                        {"id": "cus_1", "object": "customer", "created": NOON - 3600},
                    ],
                }
            ],
            points={"customers": [("2026-11-20T11:00", "", 2)]},
        ),
        "balance": Talk(
            asked=[("GET /v1/balance", {})],
            answers=[
                {
                    "object": "balance",
                    "available": [{"amount": 5000, "currency": "usd"}, {"amount": 666670, "currency": "eur"}],
                    "pending": [{"amount": 61414, "currency": "eur"}],
                    "livemode": False,
                }
            ],
            points={"balance": level(6666.70)},
        ),
    },
)


def google_rows(*rows: tuple[str, list[str]]) -> dict[str, Any]:
    """Return a report; a row without a date has no dimension."""
    return {
        "rows": [
            {
                **({"dimensionValues": [{"value": date}]} if date else {}),
                "metricValues": [{"value": value} for value in values],
            }
            for date, values in rows
        ],
        "rowCount": len(rows),
        "metadata": {"currencyCode": "EUR", "timeZone": "Europe/Berlin"},
        "kind": "analyticsData#runReport",
    }


GOOGLE_METRICS = ["activeUsers", "sessions", "screenPageViews", "keyEvents", "totalRevenue"]
GOOGLE_REPORT = "POST /v1beta/properties/123456789:runReport"
GOOGLE_ANALYTICS = Known(
    signed={"Authorization": "Bearer token-of-the-account"},
    account=(
        "/token",
        "waymark@example.iam.gserviceaccount.com",
        "https://www.googleapis.com/auth/analytics.readonly",
    ),
    talks={
        "days": Talk(
            asked=[
                (
                    GOOGLE_REPORT,
                    {
                        "dateRanges": [{"startDate": "2026-11-18", "endDate": "2026-11-20"}],
                        "dimensions": [{"name": "date"}],
                        "metrics": [{"name": name} for name in GOOGLE_METRICS],
                        "limit": 1000,
                    },
                )
            ],
            answers=[
                google_rows(
                    ("20261120", ["90", "101", "300", "2", "0"]), ("20261118", ["210", "260", "900", "11", "249.5"])
                )
            ],
            points={
                "users": [("2026-11-18T00:00", "", 210), ("2026-11-20T00:00", "", 90)],
                "sessions": [("2026-11-18T00:00", "", 260), ("2026-11-20T00:00", "", 101)],
                "views": [("2026-11-18T00:00", "", 900), ("2026-11-20T00:00", "", 300)],
                "key_events": [("2026-11-18T00:00", "", 11), ("2026-11-20T00:00", "", 2)],
                "revenue": [("2026-11-18T00:00", "", 249.5), ("2026-11-20T00:00", "", 0)],
            },
        ),
        "month": Talk(
            asked=[
                (
                    GOOGLE_REPORT,
                    {
                        "dateRanges": [{"startDate": "2026-11-01", "endDate": until}],
                        "metrics": [{"name": "activeUsers"}],
                    },
                )
                for until in MONTHS_SO_FAR
            ],
            answers=[google_rows(("", [number])) for number in ("3000", "3200", "3260")],
            points={"month_users": so_far(3000, 3200, 3260)},
        ),
    },
)

SENTRY_SPANS = [
    ("2026-11-01T00:00:00+01:00", until)
    for until in ("2026-11-19T00:00:00+01:00", "2026-11-20T00:00:00+01:00", "2026-11-20T13:00:00+01:00")
]


def sentry_groups(accepted: int) -> dict[str, Any]:
    """Return what Sentry counted, by what became of it."""
    groups = [("accepted", accepted), ("rate_limited", 3)]
    return {
        "start": "2026-10-31T23:00:00Z",
        "end": "2026-11-20T12:00:00Z",
        "intervals": ["2026-11-20T11:00:00Z"],
        "groups": [
            {"by": {"outcome": outcome}, "totals": {"sum(quantity)": count}, "series": {"sum(quantity)": [count]}}
            for outcome, count in groups
        ],
    }


SENTRY = Known(
    signed={"Authorization": "Bearer sentry-token"},
    talks={
        "hours": Talk(
            asked=[
                (
                    "GET /api/0/projects/example/website/stats/",
                    {"stat": "received", "resolution": "1h", "since": f"{MIDNIGHT}", "until": f"{NOON}"},
                )
            ],
            answers=[[[NOON - 7200, 14], [NOON - 3600, 9]]],
            points={"events": [("2026-11-20T10:00", "", 14), ("2026-11-20T11:00", "", 9)]},
        ),
        "month": Talk(
            asked=[
                (
                    "GET /api/0/organizations/example/stats_v2/",
                    {
                        "field": "sum(quantity)",
                        "groupBy": "outcome",
                        "category": "error",
                        "interval": "1h",
                        "start": since,
                        "end": until,
                    },
                )
                for since, until in SENTRY_SPANS
            ],
            answers=[sentry_groups(number) for number in (400, 420, 431)],
            points={"month_errors": so_far(400, 420, 431)},
        ),
    },
)

OPENWEATHER = Known(
    signed_by={"appid": "openweather-key"},
    talks={
        "weather": Talk(
            asked=[("GET /data/2.5/weather", {"lat": "52.52", "lon": "13.41", "units": "metric"})],
            answers=[
                {
                    "coord": {"lon": 13.41, "lat": 52.52},
                    "weather": [{"id": 804, "main": "Clouds", "description": "overcast clouds"}],
                    "main": {"temp": 6.4, "feels_like": 3.1, "pressure": 1012, "humidity": 81},
                    "wind": {"speed": 4.6, "deg": 240},
                    "dt": NOON - 300,
                    "name": "Berlin",
                    "cod": 200,
                }
            ],
            points={
                "temperature": [("2026-11-20T11:55", "", 6.4)],
                "humidity": [("2026-11-20T11:55", "", 81)],
                "wind": [("2026-11-20T11:55", "", 4.6)],
            },
        ),
        "air": Talk(
            asked=[("GET /data/2.5/air_pollution", {"lat": "52.52", "lon": "13.41"})],
            answers=[
                {
                    "coord": {"lon": 13.41, "lat": 52.52},
                    "list": [{"dt": NOON - 600, "main": {"aqi": 2}, "components": {"co": 230.3, "pm2_5": 8.25}}],
                }
            ],
            points={"fine_dust": [("2026-11-20T11:50", "", 8.25)]},
        ),
    },
)

COINGECKO = Known(
    signed={"x-cg-demo-api-key": "CG-example"},
    talks={
        "course": Talk(
            asked=[
                (
                    "GET /coins/bitcoin/market_chart/range",
                    {"vs_currency": "eur", "from": f"{MIDNIGHT}", "to": f"{NOON}"},
                )
            ],
            answers=[
                {
                    "prices": [[(NOON - 7200) * 1000, 79010.5], [(NOON - 3600) * 1000, 79120.25]],
                    "market_caps": [[(NOON - 7200) * 1000, 1.5e12]],
                    "total_volumes": [[(NOON - 7200) * 1000, 2.1e10]],
                }
            ],
            points={"course": [("2026-11-20T10:00", "", 79010.5), ("2026-11-20T11:00", "", 79120.25)]},
        ),
        "market": Talk(
            asked=[("GET /coins/markets", {"vs_currency": "eur", "ids": "bitcoin"})],
            answers=[
                [
                    {
                        "id": "bitcoin",
                        "symbol": "btc",
                        "name": "Bitcoin",
                        "current_price": 79200,
                        "market_cap": 1562000000000,
                        "price_change_percentage_24h": -1.25,
                        "last_updated": "2026-11-20T11:58:00.123Z",
                    }
                ]
            ],
            points={
                "price": [("2026-11-20T11:58", "", 79200)],
                "market_value": [("2026-11-20T11:58", "", 1562000000000)],
                "change": [("2026-11-20T11:58", "", -1.25)],
            },
        ),
    },
)

ALL: dict[str, Known] = {
    "coingecko": COINGECKO,
    "github": GITHUB,
    "google_analytics": GOOGLE_ANALYTICS,
    "matomo": MATOMO,
    "openweather": OPENWEATHER,
    "plausible": PLAUSIBLE,
    "sentry": SENTRY,
    "stripe": STRIPE,
}
