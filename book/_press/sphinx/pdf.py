"""The PDF: what `sphinx-build -b latex -t pdf` needs beyond the site; its looks are in `book/_latex/`.

The numbers of equations, figures and chapters are those of the site, because both are taken from
Sphinx's environment and none is counted by LaTeX.
"""

import re
import unicodedata
from importlib.metadata import version

from docutils import nodes
from sphinx import addnodes
from sphinx.builders.latex.transforms import BibliographyTransform
from sphinx.writers.latex import LaTeXTranslator
from sphinx_exercise.nodes import is_extension_node, is_solution_node

from .. import SETTINGS, bindings, choose, language_of
from . import connect

ELEMENTS = {
    "papersize": "a4paper",
    "pointsize": "10pt",
    "extraclassoptions": "openany,oneside",
    "babel": "",
    "polyglossia": "",
    "fontenc": "",
    "fncychap": "",
    "fontpkg": r"\usepackage{bookfonts}",
    "fvset": r"\fvset{fontsize=\small,formatcom=\xeCJKVerbAddon}",
    "sphinxsetup": "pre_border-width=0pt,pre_padding=0pt,pre_border-radius=0pt,verbatimvisiblespace={}",
    "maketitle": r"\booktitlepage",
    "makeindex": "",
    "printindex": "",
    "figure_align": "H",
}
WORDS = {
    "zh": {
        "contents": "目录",
        "chapter": "第 #1 章",
    },
    "en": {
        "contents": "Contents",
        "chapter": "Chapter #1",
    },
}
WIDE_TABLES = SETTINGS["wide_tables"]
CARD_WIDTHS = (20, 80)
LONG_TABLES, UNSTRIPED = {*SETTINGS["long_tables"]}, {*SETTINGS["unstriped_tables"]}
BOXES = ("goals", "card", "exercise", "solution")
FIGURE_SCALE = 80
BREAKS = re.compile(r"(?<=[.,/(=:\]_-])(?=[^\s\d)])|(?<=[a-z])(?=[A-Z][a-z])")


def set_latex(app, config):
    language = language_of(config)
    words = WORDS[language]
    preamble = [
        r"\usepackage{bookstyle}",
        rf"\renewcommand{{\contentsname}}{{{words['contents']}}}",
        rf"\newcommand{{\chapterlabel}}[1]{{{words['chapter']}}}",
        rf"\newcommand{{\booktitle}}{{{config.html_title}}}",
        rf"\newcommand{{\bookauthor}}{{{config.author}}}",
        rf"\newcommand{{\bookmotto}}{{{choose(SETTINGS['motto'], language)}}}",
        rf"\newcommand{{\bookedition}}{{{edition()}\quad {config.copyright}}}",
        r"\AtBeginDocument{\latinpunctuation}" if language == "en" else "",
        rf"\hypersetup{{pdflang={config.language.replace('_', '-')}}}",
    ]
    config.latex_engine = "xelatex"
    config.latex_elements = {**ELEMENTS, "preamble": "\n".join(preamble)}
    config.latex_toplevel_sectioning = "part"
    config.latex_table_style = ["booktabs"]
    config.latex_domain_indices = False
    config.latex_additional_files = ["book/_latex/bookfonts.sty", "book/_latex/bookstyle.sty"]
    config.latex_documents = [
        (
            config.root_doc,
            f"{SETTINGS['name']}-{language}.tex",
            config.html_title,
            config.author,
            "manual",
        )
    ]
    config.nb_mime_priority_overrides = [("latex", "image/svg+xml", 1)]


def edition():
    return version(SETTINGS["package"]) if SETTINGS["package"] else ""


def latex(text):
    return nodes.raw("", text, format="latex")


def wrap(node, name):
    """Put a node into the LaTeX environment `sphinxclass...` of that name."""
    around = nodes.container(classes=[name])
    node.replace_self(around)
    around += node


def number(env, docname, kind, name):
    """The number that the site gives to an equation or a figure."""
    return ".".join(str(part) for part in env.toc_fignumbers[docname][kind][name])


# --- the order of the book --------------------------------------------------------------------------------


def arrange(app, document, docname):
    """Parts with chapters, where Sphinx has all chapters as sections of the first page."""
    pages = {page["docname"]: page for page in list(document.findall(addnodes.start_of_file))}
    for page in pages.values():
        page.parent.remove(page)
        place_figures(app.env, page)
        box_exercises(page)
        frame_listings(page)
    frame_listings(document)
    welcome = nodes.section("", latex(r"\unnumbered"), *document.children)
    book = nodes.section("", nodes.title(text=app.config.html_title), welcome)
    for part in app.config.external_site_map[docname].subtrees:
        chapters = [chapter(app.env, pages[name]) for name in part.items]
        title = nodes.title(text=part.caption)
        book += nodes.section("", latex(r"\unnumbered"), title, *chapters)
    document.children = []
    document += book


def chapter(env, page):
    numbered = env.toc_secnumbers.get(page["docname"], {}).get("")
    page.insert(0, latex(r"\numbered" if numbered else r"\unnumbered"))
    return page


def place_figures(env, page):
    for figure in list(page.findall(nodes.figure)):
        for image in figure.findall(nodes.image):
            image["scale"] = FIGURE_SCALE
        text = number(env, page["docname"], "figure", figure["ids"][0])
        figure.parent.insert(figure.parent.index(figure), latex(rf"\def\thefigure{{{text}}}"))


def fit_tables(app, document, docname):
    """Long tables break over pages, wide ones lie across them; a row can be linked to."""
    across = []
    for table in list(document.findall(nodes.table)):
        fit_rows(table)
        wide = [WIDE_TABLES[name] for name in table["classes"] if name in WIDE_TABLES]
        if wide:
            set_widths(table, wide[0])
            across.append(section_of(table))
        if wide or LONG_TABLES & set(table["classes"]):
            table["classes"] += ["longtable", "colwidths-given"]
            if not UNSTRIPED & set(table["classes"]):
                table["classes"].append("colorrows")
    for section in dict.fromkeys(across):
        lay_across(section)


def set_widths(table, widths):
    for column, width in zip(table.findall(nodes.colspec), widths, strict=True):
        column["colwidth"] = width


def fit_rows(table):
    for head in list(table.findall(nodes.thead)):
        if not head.astext().strip():
            head.parent.remove(head)
            table["classes"] += ["borderless", "colwidths-given"]
            set_widths(table, CARD_WIDTHS)
    for row in table.findall(nodes.row):
        row[0].insert(0, [nodes.target("", "", ids=[name]) for name in row["ids"]])


def lay_across(section):
    """Turn the pages of a section; the target at its end belongs to the next one's title."""
    section.insert(0, latex(r"\begin{across}"))
    while isinstance(section[-1], nodes.section):
        section = section[-1]
    place = len(section)
    while isinstance(section[place - 1], nodes.target):
        place -= 1
    section.insert(place, latex(r"\end{across}"))


def section_of(table):
    """The section of a wide table with its sisters: all lie across the page together."""
    section = table.parent
    return section.parent if isinstance(section.parent, nodes.section) else section


def box_exercises(page):
    """Exercises and solutions become admonitions, at the places their references lead to."""
    for node in list(page.findall(is_extension_node)):
        kind = "solution" if is_solution_node(node) else "exercise"
        prefix = page["docname"] if kind == "solution" else "exercise"
        label = latex(rf"\phantomsection\label{{{prefix}:{node['label']}}}")
        node.replace_self([label, nodes.admonition("", *node.children, classes=[kind])])


def frame_listings(page):
    """What a cell printed, and what is no cell at all, have frames of their own."""
    for node in list(page.findall(nodes.literal_block)):
        if "cell_input" not in node.parent["classes"]:
            wrap(node, "printed" if "output" in node["classes"] else "listing")


# --- nodes ------------------------------------------------------------------------------------------------


def plain(formula):
    """A formula as a bookmark can show it: letters for the names of letters, no braces."""

    def letter(match):
        try:
            return unicodedata.lookup(f"GREEK SMALL LETTER {match[1]}")
        except KeyError:
            return match[1]

    return re.sub(r"[{}\\]", "", re.sub(r"\\([a-z]+)", letter, formula))


class BookTranslator(LaTeXTranslator):
    def equation_number(self, docname, label):
        return f"({number(self.builder.env, docname, 'displaymath', f'equation-{label}')})"

    def hyperlink(self, id):
        """xeCJK keeps the space before a link only if the link does not begin with a brace."""
        return super().hyperlink(id).replace("{", "", 1) + "{"

    def visit_math_block(self, node):
        """A labelled equation has the number of the site, and a mark that links to its check."""
        label, tag = node.get("label"), r"\notag"
        if label:
            text, bound = self.equation_number(node["docname"], label), bindings.held_against()
            mark = rf"\,\equationcheck{{{SETTINGS['checks']}:{label}}}" if label in bound else ""
            tag = rf"\tag*{{{text}{mark}}}\label{{equation:{node['docname']}:{label}}}"
        formula = node.astext().strip()
        self.body.append(
            f"\\begin{{equation}}{tag}\n\\fitdisplay{{{formula}}}\n\\end{{equation}}\n"
        )
        raise nodes.SkipNode

    def visit_math_reference(self, node):
        docname, label = node["docname"], node["target"]
        number = self.equation_number(docname, label)
        self.body.append(rf"\hyperref[equation:{docname}:{label}]{{{number}}}")
        raise nodes.SkipNode

    def visit_math(self, node):
        if self.in_title:
            bookmark = self.encode(plain(node.astext()))
            self.body.append(rf"\texorpdfstring{{\({node.astext()}\)}}{{{bookmark}}}")
            raise nodes.SkipNode
        if self.table:
            self.body.append(rf"\fitinline{{{node.astext()}}}")
            raise nodes.SkipNode
        super().visit_math(node)

    def visit_literal(self, node):
        """Names of functions break after a dot or an underscore, not anywhere."""
        if self.in_title or "code" in node["classes"]:
            return super().visit_literal(node)
        pieces = [self.encode(piece) for piece in BREAKS.split(node.astext())]
        self.body.append(r"\sphinxcode{\sphinxupquote{" + r"\allowbreak{}".join(pieces) + "}}")
        raise nodes.SkipNode

    def visit_citation(self, node):
        """In its place, where Sphinx would gather the citations of all pages at the end."""
        name = f"{self.curfilestack[-1]}:{node['ids'][0]}"
        places = rf"\hypertarget{{cite.{name}}}{{}}\phantomsection\label{{{name}}}"
        self.body.append(rf"\begin{{bookcitation}}{{{places}[{node[0].astext()}]}}")
        node.remove(node[0])

    def depart_citation(self, node):
        self.body.append("\\end{bookcitation}\n")

    def visit_citation_reference(self, node):
        self.body.append(rf"\hyperref[{node['docname']}:{node['refname']}]{{{node.astext()}}}")
        raise nodes.SkipNode

    def visit_admonition(self, node):
        kind = next((kind for kind in BOXES if kind in node["classes"]), "notice")
        self.body.append(f"\n\\begin{{{kind}box}}")
        self.context.append(f"\\end{{{kind}box}}\n")
        self.no_latex_floats += 1

    def depart_admonition(self, node):
        self.body.append(self.context.pop())
        self.no_latex_floats -= 1


def forget_format(app):
    """numpydoc repeats its references `only:: latex`, for the bibliography that is not gathered here."""
    app.tags.remove("latex")


def setup(app):
    if app.tags.has("pdf"):
        app.setup_extension("sphinxcontrib.cairosvgconverter")
        app.registry.post_transforms.remove(BibliographyTransform)
        app.set_translator("latex", BookTranslator)
        return connect(app, set_latex, forget_format, arrange, fit_tables)
    return connect(app)
