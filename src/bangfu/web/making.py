"""A site from nothing: its folder, its keys, its server, its tables. Run again, it brings everything up to date."""

from __future__ import annotations

import os

from bangfu.postgres import Cluster
from bangfu.web.site import Site

__all__ = ["cluster_of", "make_site", "start_django"]


def cluster_of(site: Site, *, throwaway: bool = False) -> Cluster:
    """The embedded server of a site."""
    return Cluster(site.cluster, throwaway=throwaway)


def make_site(site: Site, *, throwaway: bool = False) -> None:
    """Make what is missing: ``site.json``, the key file, the server (started, and left running), tables, protections.

    ``BANGFU_HOME`` must name the site's folder, since Django reads it. With ``DATABASE_URL`` the server is somebody
    else's: the roles and the database must be there (see the runbook).
    """
    from bangfu.casework.database.keys import KeyFile

    if not (site.home / "site.json").is_file():
        site.write()
    for folder in (site.files, site.anchors):
        folder.mkdir(parents=True, exist_ok=True)
    if not site.keys.is_file():
        KeyFile.make().write(site.keys)
    if site.embedded:
        cluster = cluster_of(site, throwaway=throwaway)
        cluster.start()
    start_django()
    from bangfu.casework.database import setup

    if site.embedded:
        setup.made_roles(f"host={cluster.socket} user={cluster.superuser} dbname=postgres", database="bangfu")
    setup.migrated()
    setup.protected()


def start_django() -> None:
    """Django with the site's settings, once."""
    import django
    from django.apps import apps

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bangfu.web.settings")
    if not apps.ready:
        django.setup()
