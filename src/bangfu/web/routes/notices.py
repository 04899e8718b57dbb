"""Public notices and objections: for everybody, and at the desks that answer for them."""

from __future__ import annotations

from django.urls import path

from bangfu.web.views import notice_desk, notices, objections

urlpatterns = [
    path("notices/", notices.listed, name="notices"),
    path("notices/answer/", notices.answer, name="objection-answer"),
    path("notices/<uuid:notice_id>/", notices.opened, name="notice"),
    path("notices/<uuid:notice_id>/print/", notices.printed, name="notice-print"),
    path("notices/<uuid:notice_id>/sheet.pdf", notices.sheet, name="notice-sheet"),
    path("notices/<uuid:notice_id>/object/<uuid:token>/", notices.object_to, name="notice-object"),
    path("notices/<uuid:notice_id>/photos/", notice_desk.photos, name="notice-photos"),
    path("subsidies/lists/<uuid:list_id>/notices/", notice_desk.of_list, name="subsidy-notices"),
    path("subsidies/lists/<uuid:list_id>/notices/post/", notice_desk.post, name="notice-post"),
    path("subsidies/lists/<uuid:list_id>/notices/close/", notice_desk.close, name="notice-close"),
    path("objections/", objections.listed, name="objections"),
    path("objections/<uuid:objection_id>/", objections.opened, name="objection"),
    path("objections/<uuid:objection_id>/show/<slug:field>/", objections.reveal, name="objection-show"),
    path("objections/<uuid:objection_id>/letter.pdf", objections.letter, name="objection-letter"),
    path("objections/<uuid:objection_id>/papers/", objections.papers, name="objection-papers"),
    path("objections/<uuid:objection_id>/investigate/", objections.investigate, name="objection-investigate"),
    path("objections/<uuid:objection_id>/decide/", objections.decide, name="objection-decide"),
]
