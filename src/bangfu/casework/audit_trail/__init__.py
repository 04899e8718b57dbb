"""Who did what, in which role, why and on what basis; chained, so that no edit, deletion or reorder goes unseen."""
