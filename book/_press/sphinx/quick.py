"""Half the time for a build; to be listed before all other extensions.

Sphinx reads every page's tree again, millions of small objects, and the garbage collector goes through them
again and again: a build is short, and does without.  jsonschema imports a grammar of web addresses, where some
other package brought it, that takes a second to set up and is not used here.
"""

import gc
import sys

from . import connect

gc.disable()
sys.modules.setdefault("rfc3987_syntax", None)


def setup(app):
    return connect(app)
