"""Files that the tests apply."""

from __future__ import annotations

WHOLE = """\
blueprint: 1
description: The website, from its visitors to the report.

# where the numbers live
connections:
  Analytics:
    kind: http
    settings:
      address: https://analytics.example.com/api
      sign_in: bearer
    secrets:
      key: ${ANALYTICS_KEY}
  Typed in:
    kind: push

feeds:
  Analytics / Visitors:
    query:
      path: visitors
      params:
        startDate: "{since}"
        endDate: "{until}"
        metric: uniqueVisitors
    every: 1 hour
    asks: window
    at_path: date
  Typed in / Daily:
    every: daily

metrics:
  Website visitors:
    feed: Analytics / Visitors
    value_path: uniqueVisitors
    counts_distinct: true
  Room temperature:
    feed: Typed in / Daily
    value_kind: level
    unit: °C
    decimals: 1

targets:
  10,000 visitors a month:
    metric: Website visitors
    goal: at least ${GOAL} per month
    team: Marketing
    tags: [Growth, Website]
  A pleasant room:
    metric: Room temperature
    goal: between 21 and 23 per day

reports:
  Weekly report:
    weekdays: [monday]
    at: 7:30
    team: Marketing
    people: owner@growth.example
"""
ANSWERS = {"ANALYTICS_KEY": "s3cret-of-the-analytics", "GOAL": "10000"}
