"""The door, one's own account, the accounts of others, keys to the API."""

from __future__ import annotations

from django.urls import path

from bangfu.web.views import accounts, own_households, people, tokens

urlpatterns = [
    path("sign-in/", people.sign_in, name="sign-in"),
    path("sign-out/", people.sign_out, name="sign-out"),
    path("role/", people.choose_role, name="choose-role"),
    path("my-account/", people.my_account, name="my-account"),
    path("my-account/password/", people.password, name="change-password"),
    path("my-account/first-password/", people.password, name="first-password"),
    path("my-account/second-factor/", people.second_factor, name="second-factor"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/roles/", accounts.holders, name="role-holders"),
    path("accounts/new/", accounts.open_account, name="account-open"),
    path("accounts/<int:account_id>/", accounts.account, name="account"),
    path("accounts/<int:account_id>/role/", accounts.give_role, name="account-role"),
    path("accounts/<int:account_id>/role/<int:grant_id>/end/", accounts.end_role, name="account-role-end"),
    path("accounts/<int:account_id>/close/", accounts.close, name="account-close"),
    path("accounts/<int:account_id>/password/", accounts.reset_password, name="account-password"),
    path("accounts/<int:account_id>/second-factor/", accounts.lost_factor, name="account-factor"),
    path("accounts/<int:account_id>/hand-over/", accounts.hand_over, name="account-hand-over"),
    path("accounts/<int:account_id>/own/", own_households.own_households, name="account-own"),
    path(
        "accounts/<int:account_id>/own/<str:household_id>/end/",
        own_households.end,
        name="account-own-end",
    ),
    path("sign-ins/", accounts.sign_ins, name="sign-ins"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/new/", tokens.issue, name="token-issue"),
    path("tokens/<int:token_id>/revoke/", tokens.revoke, name="token-revoke"),
]
