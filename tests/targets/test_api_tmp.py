from __future__ import annotations
import json
def show(a):
    print(a.status_code, a["Content-Type"] if a.content else "", a.content.decode()[:900])
    return a.json() if a.content else None
def test_thin(api, owner, organisation):
    c = api(owner); B="/api/v1/growth/"
    con = show(c.post(B+"connections/", {"name":"Analytics","kind":"http","settings":{"address":"https://analytics.example.com/api","sign_in":"bearer"},"secrets":{"key":"abcdefghijklmnopqrstuvw"}}))
    feed = show(c.post(B+"feeds/", {"connection":con["id"],"name":"Visitors","query":{"path":"analytics/visitors","params":"startDate={since}\nendDate={until}\nmetric=uniqueVisitors"},"asks":"window","at_path":"date","every":30}))
    metric = show(c.post(B+"metrics/", {"feed":feed["id"],"name":"Visitors","value_path":"uniqueVisitors"}))
    target = show(c.post(B+"targets/", {"metric":metric["id"],"name":"10k","goal":10000}))
    show(c.post(B+f"metrics/{metric['id']}/observations/", {"value":3}))
    show(c.post(B+f"metrics/{metric['id']}/observations/", [{"value":3,"at":"2026-11-01"},{"value":4,"at":"2026-11-01T10:00:00Z"}]))
    for u in ["connections/","feeds/","metrics/","targets/?ordering=-name&search=k&metric=1&status=behind",f"metrics/{metric['id']}/observations/?since=2026-11-01&until=2026-11-02T00:00:00Z",f"metrics/{metric['id']}/days/","collections/","calls/","kinds/",f"targets/{target['id']}/periods/",f"targets/{target['id']}/changes/","targets/?foo=1","targets/?ordering=goal","targets/?metric=abc","connections/?is_sample=maybe","connections/?is_sample=false","targets/?metric=99999999999999999999999999","targets/99999999999999999999999999/","targets/abc/","targets/?search=%00","targets/?page=99","targets/?page_size=x","targets/%00/", "targets/?status=foo",f"metrics/{metric['id']}/observations/?since=foo"]:
        print(u); show(c.get(B+u))
    show(c.patch(B+f"targets/{target['id']}/", {"goal":5}))
    show(c.patch(B+f"metrics/{metric['id']}/", {"unit":"x"}))
    show(c.patch(B+f"metrics/{metric['id']}/", {"value_kind":"level"}))
    show(c.patch(B+f"feeds/{feed['id']}/", {"every":15}))
    show(c.patch(B+f"connections/{con['id']}/", {"name":"A2"}))
    show(c.patch(B+f"connections/{con['id']}/", {"settings":{"address":"https://evil.example.com"}}))
    show(c.patch(B+f"connections/{con['id']}/", {"settings":{"foo":1}}))
    show(c.post(B+f"feeds/{feed['id']}/pause/"))
    show(c.post(B+f"targets/{target['id']}/pause/"))
    show(c.post(B+f"targets/{target['id']}/resume/"))
    show(c.post(B+f"targets/{target['id']}/check/"))
    show(c.post(B+f"connections/{con['id']}/test/"))
    show(c.post(B+"metrics/", {"name":"Typed"}))
    show(c.post(B+"metrics/", {"name":"Typed", "every":5, "feed":feed["id"]}))
    show(c.post(B+"metrics/", {"name":"Typed3", "every":10080, "value_kind":"level"}))
    show(c.post(B+"targets/", {"name":"lvl", "goal":1,"metric":3}))
    show(c.post(B+"targets/", {"metric":metric["id"],"name":"10k","goal":"x", "period":"blah","owner":99, "starts_on": True}))
    show(c.post(B+"sample/"))
    show(c.delete(B+"sample/"))
