"""Addresses of this app."""

from django.urls import URLPattern, URLResolver, path, re_path
from django.views.i18n import set_language

from organisations import endpoints
from organisations.views import account, entrance, keys, people, settings
from organisations.views import site as every_site

site: list[URLPattern | URLResolver] = [
    path("", entrance.home, name="home"),
    path("robots.txt", every_site.robots, name="robots"),
    path("favicon.ico", every_site.favicon, name="favicon"),
    path("manifest.webmanifest", every_site.manifest, name="manifest"),
    path("language/", set_language, name="set_language"),
    path("start/", entrance.start, name="start"),
    path("organisations/new/", entrance.organisation_new, name="organisation-new"),
    path("invitations/<str:token>/", entrance.invitation, name="invitation"),
    path("login/", account.sign_in, name="account_login"),
    path("logout/", account.sign_out, name="account_logout"),
    path("account/", account.account, name="account"),
    path("account/inactive/", account.inactive, name="account_inactive"),
    path("account/password/", account.password, name="account_change_password"),
    path("account/password/first/", account.first_password, name="account_set_password"),
    path("account/reset/", account.forgotten, name="account_reset_password"),
    path("account/reset/sent/", account.forgotten_sent, name="account_reset_password_done"),
    path("account/reset/done/", account.new_password_done, name="account_reset_password_from_key_done"),
    re_path(
        r"^account/reset/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        account.new_password,
        name="account_reset_password_from_key",
    ),
]
pages: list[URLPattern | URLResolver] = [
    path("settings/", settings.settings, name="settings"),
    path("settings/delete/", settings.organisation_delete, name="organisation-delete"),
    path("settings/people/", people.people, name="people"),
    path("settings/people/leave/", people.leave, name="leave"),
    path("settings/people/<int:pk>/role/", people.member_role, name="member-role"),
    path("settings/people/<int:pk>/remove/", people.member_remove, name="member-remove"),
    path("settings/invitations/<int:pk>/send/", people.invitation_resend, name="invitation-resend"),
    path("settings/invitations/<int:pk>/withdraw/", people.invitation_withdraw, name="invitation-withdraw"),
    path("settings/keys/", keys.api_keys, name="api-keys"),
    path("settings/keys/<int:pk>/revoke/", keys.api_key_revoke, name="api-key-revoke"),
]
api_site: list[URLPattern | URLResolver] = endpoints.api_site
api: list[URLPattern | URLResolver] = endpoints.api
