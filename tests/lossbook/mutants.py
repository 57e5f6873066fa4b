"""Break lossbook in every place and name what no test notices: `make mutants [MODULES="..."]`.

mutmut makes the mistakes, module by module, each in a copy of the repository with the tests of
that module alone, which is what makes thousands of them affordable.  A changed default of an
argument is left out: mutmut calls the changed body with the unchanged default, so that nothing
could notice it; `test_defaults_are_pytorch_s` holds the defaults.
"""

import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

ROOT = Path.cwd()
FAMILIES = ["adaptive", "classification", "ctc", "margin", "optimizers", "regression", "sampling"]
FAMILIES += ["sequence", "similarity", "tensorflow_names"]
# the modules beneath the families are exercised by three of them
SHARED = {
    name: ["regression", "classification", "similarity"]
    for name in ["_blocks", "_reduction", "_special"]
}
TESTS = {
    "adaptive": ["test_sampling"],
    "classification": ["test_classification", "test_rules", "test_properties"],
    "ctc": ["test_sequence"],
    "information": ["test_information"],
    "special": ["test_special", "test_information"],
    "tensorflow_names": ["test_tensorflow"],
    "_blocks": [],
    "_reduction": ["test_regression", "test_rules"],
    "_special": ["test_special", "test_rules"],
}
MODULES = [*FAMILIES, "information", "special", *SHARED]
DEFAULT = re.compile(r"^[-+]    \w+: .* = .*,$")


def tests_of(module):
    named = TESTS.get(module, [f"test_{module}"])
    rows = [] if module in ("information", "special") else ["test_losses"]
    return [f"tests/lossbook/{name}.py" for name in [*named, *rows]]


def copy_for(module, folder):
    """A copy of what is committed whose table of losses holds the rows of the module alone."""
    archive = subprocess.run(["git", "archive", "HEAD"], cwd=ROOT, check=True, capture_output=True)
    subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
    families = SHARED.get(module, [module] if module in FAMILIES else ["regression"])
    table = Path(folder, "tests/lossbook/losses/__init__.py")
    text = re.sub(r"FAMILIES = \[.*?\]", f"FAMILIES = {families}", table.read_text(), flags=re.S)
    table.write_text(text)
    others = [path for path in Path(ROOT, "lossbook").glob("*.py") if path.stem != module]
    with open(Path(folder, "pyproject.toml"), "a") as config:
        config.write(
            "\n[tool.mutmut]\nsource_paths = ['lossbook']\nalso_copy = ['tests', 'book']\n"
            f"do_not_mutate = {[f'lossbook/{p.name}' for p in others]}\n"
            f"pytest_add_cli_args_test_selection = {tests_of(module)}\n"
            "pytest_add_cli_args = ['--deselect',"
            " 'tests/lossbook/test_losses.py::test_every_gradient_is_in_the_table']\n"
        )


def mutmut(folder, *arguments):
    command = [str(Path(sys.executable).with_name("mutmut")), *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True).stdout


def survivors_of(module):
    """How many mutants there were of each status, and the changes that no test noticed."""
    folder = tempfile.mkdtemp()
    try:
        copy_for(module, folder)
        ran = mutmut(folder, "run")
        results = mutmut(folder, "results", "--all", "true")
        names = re.findall(rf"(lossbook\.{module}\.\S+): (\w+)", results)
        tried = Counter(status for _, status in names if status not in ("not", "skipped"))
        lived = [name for name, status in names if status in ("survived", "no")]
        if not tried:
            raise RuntimeError(f"nothing was tried in {module}: {ran[-2000:]}")
        changes = [(name, mutmut(folder, "show", name)) for name in lived]
    finally:
        shutil.rmtree(folder)
    return tried, [(name, diff) for name, diff in changes if not is_default(diff)]


def is_default(diff):
    lines = [x for x in diff.splitlines() if re.match(r"[-+](?![-+])", x)]
    return bool(lines) and all(DEFAULT.match(line) for line in lines)


def main(modules):
    tried = lived = 0
    for module in modules or MODULES:
        status, survivors = survivors_of(module)
        count = status.total()
        tried, lived = tried + count, lived + len(survivors)
        for name, diff in survivors:
            print(f"# {name}")
            print("\n".join(x for x in diff.splitlines() if re.match(r"[-+](?![-+])", x)))
        late = status["timeout"]
        print(f"{module}: {count} mutants, {len(survivors)} survive, {late} never end", flush=True)
    print(f"all: {tried} mutants, {lived} survive ({100 * lived / max(1, tried):.1f} %)")
    return lived > 0.02 * tried


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
