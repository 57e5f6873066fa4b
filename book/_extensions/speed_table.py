"""The table of lossbook's speed, written from `book/speed.yml`, which `make bench-losses` measures."""

import yaml

from press import BOOK, choose, language_of
from press.sphinx.tables import TableDirective

SPEED = BOOK / "speed.yml"
SETTINGS = {
    "as it is": "原样 | As it is",
    "without AVX-512": "不用 AVX-512 | Without AVX-512",
    "without AVX": "不用 AVX | Without AVX",
}
MEANS = {
    "large": "几何平均，大数组 | Geometric mean, large arrays",
    "tiny": "几何平均，32 × 10 | Geometric mean, 32 × 10",
}
KINDS = {"value": "值 | value", "gradient": "值与梯度 | value and gradient"}


class SpeedTable(TableDirective):
    """`speed-table`: a row for what was measured, a column for each setting."""

    def run(self):
        self.env.note_dependency(str(SPEED))
        speed = yaml.safe_load(SPEED.read_text(encoding="utf-8"))
        measured = [setting["rows"] for setting in speed["settings"]]
        headings = ["损失 | Loss", *(SETTINGS[each["setting"]] for each in speed["settings"])]
        rows = []
        for kind, title in MEANS.items():
            means = (f"{each[kind]:.2f}" for each in speed["settings"])
            rows.append(self.row([self.chosen(title), *means]))
        for same in zip(*measured, strict=True):
            rows += [self.measured_row(same, kind) for kind in KINDS]
        machine = f"{speed['processor']}, NumPy {speed['numpy']}, PyTorch {speed['torch']}"
        table = self.table("speed-table", headings, (52, 16, 16, 16), rows)
        return [*self.parse_text_to_nodes(machine), table]

    def measured_row(self, same, kind):
        first = same[0]
        options = [f"{name}={value}" for name, value in first["options"].items()]
        shape = " × ".join(map(str, first["shape"]))
        measured = " ".join([f"`{first['loss']}`", shape, *options])
        what = f"{measured}, {self.chosen(KINDS[kind])}"
        return self.row([what, *(f"{row[kind][1]:.2f}" for row in same)])

    def chosen(self, text):
        return choose(text, language_of(self.config))


def setup(app):
    app.add_directive("speed-table", SpeedTable)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
