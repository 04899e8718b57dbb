"""The door, one's own account, the accounts of others."""

from __future__ import annotations

from django.urls import path

from bangfu.web.views import people

urlpatterns = [
    path("sign-in/", people.sign_in, name="sign-in"),
    path("sign-out/", people.sign_out, name="sign-out"),
]
