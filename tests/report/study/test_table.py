from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from podoba.metrics.intervals import Estimate, estimate
from podoba.report.study.table import Column, Table, Word, shown, to_csv, to_latex, to_markdown, write_table

TABLE = Table(
    "scores",
    [Column("variant"), Column("knn_score", 2, "high"), Column("needed"), Column("outcome")],
    [
        {"variant": "a | b_1, 50%", "knn_score": estimate([0.5, 0.7]), "needed": 4, "outcome": Word("outcome.supported")},
        {"variant": 'say "x"', "knn_score": Estimate(0.25, 1), "needed": None, "outcome": None},
    ],
)


def test_csv_keeps_all_digits_and_the_interval() -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(TABLE))))
    made = TABLE.rows[0]["knn_score"]
    assert isinstance(made, Estimate)
    assert list(rows[0]) == ["variant", "knn_score", "knn_score_low", "knn_score_high", "knn_score_n", "needed", "outcome"]
    assert [float(rows[0][k]) for k in ("knn_score", "knn_score_low", "knn_score_high")] == [made.mean, made.low, made.high]
    assert rows[0]["outcome"] == "supported"
    assert (rows[1]["variant"], rows[1]["knn_score"], rows[1]["knn_score_low"], rows[1]["needed"]) == ('say "x"', "0.25", "", "")


def test_markdown() -> None:
    assert to_markdown(TABLE).splitlines() == [
        "| Variant | KNN score | Seeds that would decide | Outcome |",
        "| --- | ---: | ---: | --- |",
        "| a \\| b_1, 50% | 0.60 ± 1.27 | 4 | supported |",
        '| say "x" | 0.25 | – | – |',
    ]


def test_names_are_no_marks_of_markdown_or_latex() -> None:
    names = ["$x_$", "_hidden_", "a_b", "*b* `c` <d>", "two\n\nlines", "[e](f)"]
    table = Table("odd", [Column("variant")], [{"variant": name} for name in names])
    assert [line.strip("| ") for line in to_markdown(table).splitlines()[2:]] == [
        r"\$x\_\$", r"\_hidden\_", "a_b", r"\*b\* \`c\` \<d\>", "two lines", r"\[e\](f)",
    ]  # fmt: skip
    assert r"two lines \\" in to_latex(table).splitlines()


def test_latex() -> None:
    lines = to_latex(TABLE).splitlines()
    assert "\\begin{tabular}{lrrl}" in lines
    assert r"a | b\_1, 50\% & 0.60 $\pm$ 1.27 & 4 & supported \\" in lines
    assert lines[0] == r"% needs \usepackage{booktabs}"
    wide = Table("wide", [Column("variant")] * 9, [{"variant": "a"}])
    assert r"\resizebox{\textwidth}{!}" in to_latex(wide).splitlines()[0]
    assert lines.count("\\toprule") == lines.count("\\bottomrule") == 1


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (None, 2, "–"), (3, None, "3"), (3.0, None, "3"), (2.5, None, "2.5"), (-0.126, 2, "−0.13"), (-1e-17, 4, "0.0000"),
        (float("nan"), 2, "–"),
        ("word", 2, "word"), (Word("seeds.some", {"done": 2, "all": 3}), None, "2 of 3"), (Estimate(1.0, 1), 1, "1.0"),
    ],
)  # fmt: skip
def test_values_as_a_person_reads_them(value: object, digits: int | None, text: str) -> None:
    assert shown(value, digits) == text  # type: ignore[arg-type]


def test_rows_of_different_quantities_have_digits_of_their_own() -> None:
    table = Table(
        "t", [Column("quantity"), Column("x", 4, title="x")], [{"quantity": "a", "x": 1.5}, {"quantity": "b", "x": 2.0}], [4, 0]
    )
    assert "| a | 1.5000 |" in to_markdown(table)
    assert "| b | 2 |" in to_markdown(table)


def test_all_forms_are_written(tmp_path: Path) -> None:
    write_table(TABLE, tmp_path / "tables")
    assert sorted(path.name for path in (tmp_path / "tables").iterdir()) == ["scores.csv", "scores.md", "scores.tex"]


def test_the_page_gets_plain_values() -> None:
    data = json.loads(json.dumps(TABLE.to_json()))
    assert [column["key"] for column in data["columns"]] == ["variant", "knn_score", "needed", "outcome"]
    assert data["rows"][0][1]["m"] == pytest.approx(0.6)
    assert data["rows"][0][3] == {"t": "outcome.supported", "v": {}}
    assert data["rows"][1][1] == {"m": 0.25, "l": None, "h": None, "n": 1}
