"""The extensions of Sphinx that make a site and a PDF of a book; none knows what the book is about.

ORDER is the one list of what they do when: a hook's place in it is its place among those of its event.
FIRST come before what Sphinx, its theme and other extensions do at that event, LAST after it.
"""

FIRST, LAST = 1, 900  # theirs have 500, and from 50 to 800 where they mind
ORDER = {
    "config-inited": {
        "bilingual.set_language": (FIRST, "before others read a setting that is in both languages"),
        "sharing.set_addresses": (FIRST, "needs the language; the theme reads its options next"),
        "bilingual.set_captions": (LAST, "needs the table of contents, read by then"),
        "pdf.set_latex": (LAST, "needs the settings of this language, and has the last word"),
    },
    "builder-inited": {
        "light_pages.no_search_index": (LAST, "needs the builder"),
        "pdf.forget_format": (LAST, "needs the tags, which the builder sets"),
    },
    "source-read": {
        "stored_outputs.compare": (LAST, "sees the source as it will be read"),
    },
    "doctree-read": {  # a page as it was read, before it is stored
        "bilingual.join_lines": (LAST, "before words are wrapped: sees which lines follow another"),
        "valid_html.make_ids_unique": (LAST, "after numpydoc and sphinx-exercise gave their ids"),
        "glossary_links.link_terms": (LAST, "no matter when: looks at bold words"),
        "cell_figure.take_pictures": (LAST, "needs the outputs beside the figures"),
        "docstrings.restore_numbers": (LAST, "after numpydoc gave its numbers"),
    },
    "missing-reference": {
        "glossary_links.leave_others": (LAST, "where nobody else knows the term"),
    },
    "post-transforms": {  # a page that is to be written; the references have been resolved
        "cell_figure.GiveSize": (LAST, "after myst-nb chose among the formats of a picture"),
        "folded.Fold": (LAST, "after sphinx-exercise wrote the titles of the solutions"),
    },
    "doctree-resolved": {
        "pdf.arrange": (LAST, "before the tables: parts and chapters become sections"),
        "pdf.fit_tables": (LAST, "needs the sections that lie across the page"),
    },
    "html-collect-pages": {
        "light_pages.search_page": (LAST, "no matter when: adds a page"),
    },
    "html-page-context": {  # after the theme made its context
        "bilingual.add_switch": (LAST, "no matter when: adds to the context"),
        "valid_html.mend_body": (LAST, "no matter when: the body is written by now"),
        "interactive.add_script": (LAST, "no matter when: adds a script"),
        "light_pages.add_tools": (LAST, "no matter when: the templates use them later"),
        "notebook_downloads.add_downloads": (LAST, "after the theme's buttons, which it replaces"),
        "sharing.add_description": (LAST, "after the theme's buttons, one of which it mends"),
    },
    "build-finished": {
        "sharing.write_site_map": (LAST, "no matter when: needs the names of the pages"),
        "notebook_downloads.join": (LAST, "after all pages were written"),
        "light_pages.write_sheet": (LAST, "after extensions copied their style sheets"),
        "valid_html.write_root": (LAST, "after Sphinx wrote what it overwrites"),
        "light_pages.drop_what_is_not_served": (LAST, "after the sheet was made of it"),
    },
}


def place(name):
    """(event, priority) of a hook: those that run at the same end of an event keep the order of the list."""
    for event, hooks in ORDER.items():
        for number, (hook, (end, _)) in enumerate(hooks.items()):
            if hook == name:
                return event, end + number
    raise LookupError(f"{name} is not in press.sphinx.ORDER")


def name_of(hook):
    return f"{hook.__module__.rpartition('.')[2]}.{hook.__name__}"


def connect(app, *hooks):
    """What an extension's `setup` ends in: its hooks, each at its place, and what Sphinx wants to know."""
    for hook in hooks:
        event, priority = place(name_of(hook))
        if event == "post-transforms":
            hook.default_priority = priority
            app.add_post_transform(hook)
        else:
            app.connect(event, hook, priority=priority)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
