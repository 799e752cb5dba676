"""Every way a data file can be broken: one line that names the file, the place and the cure."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiler.catalog.series_folder import read_series
from profiler.errors import CatalogError

from .conftest import COUNTS, DEVICES, LATENCY, SERIES, Write

# file, text to replace (first one only), replacement, what the message must say after the file
BROKEN = {
    "bad toml": ("series.toml", "[titles]", "[titles", "not valid TOML:", "line 3"),
    "huge integer": ("series.toml", "= 32", "= " + "9" * 5000, "a number is too long"),
    "deep nesting": ("series.toml", "= 32", "= " + "[" * 5000, "brackets nest too deep"),
    "missing key": ("series.toml", "crop_size = 32\n", "",
                    "models[1].crop_size: the key is missing"),
    "unknown key": ("series.toml", "crop_size = 32", "cropsize = 32\ncrop_size = 32",
                    "models[1].cropsize: unknown key (did you mean crop_size?"),
    "unknown key at the top": ("series.toml", "[titles]", "[title]\n[titles]",
                               "title: unknown key (did you mean titles?"),
    "unknown key of a family": ("series.toml", 'name = "Net"', 'name = "Net"\nmarker = "x"',
                                "families[1].marker: unknown key"),
    "unknown language": ("series.toml", 'en = "My nets"', 'en = "x"\nzh_cn = "y"',
                         "titles.zh_cn: unknown key (did you mean zh_CN?"),
    "no title": ("series.toml", 'en = "My nets"\n', "", "titles: there is no title"),
    "empty title": ("series.toml", '"My nets"', '" "', "titles.en: the text is empty"),
    "text for a number": ("series.toml", "= 32", '= "32"',
                          "models[1].crop_size: '32' is no whole number"),
    "bool for a number": ("series.toml", "= 32", "= true", "True is no whole number"),
    "fraction for a whole": ("series.toml", "= 32", "= 32.5", "32.5 is no whole number"),
    "zero": ("series.toml", "= 32", "= 0", "models[1].crop_size: 0 is out of range"),
    "negative": ("series.toml", "= 32", "= -1", "-1 is out of range (write a number from 1"),
    "number for text": ("series.toml", '"Small net"', "7", "models[1].label: 7 is no text"),
    "table for text": ("series.toml", '"Mine"', "{}", "file_stem: {} is no text"),
    "text for a table": ("series.toml", '[titles]\nen = "My nets"', 'titles = "x"',
                         "titles: 'x' is no table"),
    "table for a list": ("series.toml", "[[families]]", "[families]", "is no list of tables"),
    "notes are no list": ("series.toml", "[pages]", '[notes]\nen = "x"\n[pages]',
                          "notes.en: 'x' is no list of texts"),
    "notes of numbers": ("series.toml", "[pages]", "[notes]\nen = [1]\n[pages]",
                         "notes.en: [1] is no list of texts"),
    "day of numbers": ("series.toml", "[titles]", "updated = 2026-11-21\n[titles]",
                       "updated: datetime.date(2026, 11, 21) is no text (put it in quotes"),
    "no such day": ("series.toml", "[titles]", 'updated = "2026-02-30"\n[titles]',
                    "updated: '2026-02-30' is no day (write it as \"2026-12-31\""),
    "day without dashes": ("series.toml", "[titles]", 'updated = "20260230"\n[titles]',
                           "updated: '20260230' is no day"),
    "older than its changes": ("series.toml", "[titles]",
                               'updated = "2026-01-01"\n[[changes]]\ndate = "2026-01-02"\n'
                               'texts.en = "x"\n[titles]',
                               "updated: 2026-01-01 is before the newest of the changes"),
    "change without a text": ("series.toml", "[titles]",
                              '[[changes]]\ndate = "2026-01-02"\n[titles]',
                              "changes[1].texts: there is no text"),
    "change of a language": ("series.toml", "[titles]",
                             '[[changes]]\ndate = "2026-01-02"\ntexts.fr = "x"\n[titles]',
                             "changes[1].texts.fr: unknown key"),
    "revision that is none": ("series.toml", "[titles]",
                              '[[changes]]\ndate = "2026-01-02"\ntexts.en = "x"\n'
                              'revision = "HEAD"\n[titles]',
                              "changes[1].revision: 'HEAD' is no git revision"),
    "unsafe page": ("series.toml", "blog =", '"../x" =', "pages.'../x': can't be a page's"),
    "unsafe file stem": ("series.toml", '"Mine"', '"../x"',
                         "file_stem: '../x' can't be part of a file name"),
    "hidden model": ("series.toml", '"large"', '".large"', "models[2].name: '.large' can't be"),
    "duplicate model": ("series.toml", '"large"', '"small"',
                        "models[2].name: 'small' is there twice, first in models[1]"),
    "duplicate but for case": ("series.toml", '"large"', '"Small"', "'Small' is there twice"),
    "duplicate family": ("series.toml", "[[families]]",
                         '[[families]]\nslug = "net"\nname = "x"\n[[families]]',
                         "families[2].slug: 'net' is there twice"),
    "unknown family": ("series.toml", 'family = "net"', 'family = "nets"',
                       "models[1].family: unknown family 'nets' (did you mean net?"),
    "unknown graph": ("series.toml", "crop_size = 32", 'crop_size = 32\npublished_variant = "eval"',
                      "models[1].published_variant: unknown graph 'eval'"),
    "paper that is a script": ("series.toml", "crop_size = 32",
                               'crop_size = 32\npaper = "javascript:alert(1)"',
                               "models[1].paper: 'javascript:alert(1)' is no web address"),
    "empty csv": ("counts.csv", COUNTS, "", "line 1: there is no header (start the file with page"),
    "unknown column": ("counts.csv", "flops_g", "flop_g",
                       "line 1: unknown column 'flop_g' (did you mean flops_g?"),
    "missing column": ("latency.csv", "precision,", "",
                       "line 1: column precision is missing (add it"),
    "column twice": ("counts.csv", "top5", "top1", "line 1: column top1 is there twice"),
    "semicolons": ("counts.csv", COUNTS, COUNTS.replace(",", ";"),
                   "separate the cells with commas"),
    "too few cells": ("counts.csv", "blog,large,0.6,,,", "blog,large,0.6",
                      "line 3: 3 cells where the header has 6"),
    "too many cells": ("counts.csv", "0.5,0.75", "0,5,0.75", "line 2: 7 cells where the header"),
    "open quote": ("counts.csv", "blog,large", '"blog,large', "line 3: not valid CSV:"),
    "model not in the series": ("counts.csv", "blog,large", "blog,huge",
                                "line 3, column model: unknown model 'huge'"),
    "page not in the series": ("latency.csv", "blog,small", "blag,small",
                               "line 2, column page: unknown page 'blag' (did you mean blog?"),
    "empty model": ("counts.csv", "blog,large", "blog,", "line 3, column model: the cell is empty"),
    "unknown device": ("latency.csv", "t4", "t5",
                       "line 2, column hw: unknown hw 't5' (choose from p4,",
                       "unstated, or describe it in the series' devices.toml)"),
    "unknown precision": ("latency.csv", "fp16", "half",
                          "line 2, column precision: unknown precision 'half'"),
    "batch of zero": ("latency.csv", "fp16,1,", "fp16,0,",
                      "line 2, column batch_size: '0' is no whole number above zero"),
    "batch in words": ("latency.csv", "fp16,1,", "fp16,one,",
                       "column batch_size: 'one' is no whole"),
    "batch in other digits": ("latency.csv", "fp16,1,", "fp16,\u0661,", "column batch_size:"),
    "negative latency": ("latency.csv", "1.250", "-1.250",
                         "line 2, column latency_ms: '-1.250' is no plain number"),
    "nan latency": ("latency.csv", "1.250", "nan", "column latency_ms: 'nan' is no plain number"),
    "infinite latency": ("latency.csv", "1.250", "inf", "'inf' is no plain number"),
    "exponent": ("latency.csv", "1.250", "1e3", "'1e3' is no plain number"),
    "unit in the cell": ("latency.csv", "1.250", "1.25 ms", "'1.25 ms' is no plain number"),
    "zero latency": ("latency.csv", "1.250", "0.000", "column latency_ms: '0.000' is zero"),
    "no latency": ("latency.csv", "1.250", "", "column latency_ms: the cell is empty"),
    "no crop": ("latency.csv", "1,32,36", "1,,36", "column crop_size: the cell is empty"),
    "percentage": ("counts.csv", "0.75", "75.0", "line 2, column top5: '75.0' is above 1"),
    "zero flops": ("counts.csv", "1.50", "0", "line 2, column flops_g: '0' is zero"),
    "device without source": ("devices.toml", 'source = "its sheet"\n', "",
                              "devices[1].source: the key is missing"),
    "device twice": ("devices.toml", DEVICES, DEVICES + DEVICES,
                     "devices[2].slug: 'mine' is there"),
    "built-in device": ("devices.toml", '"mine"', '"t4"', "slug: 't4' is a built-in device"),
    "device called unstated": ("devices.toml", '"mine"', '"unstated"', "can't be a slug"),
    "negative peak": ("devices.toml", "= 4", "= -4", "devices[1].int8_tops: -4 is out of range"),
    "nan peak": ("devices.toml", "= 4", "= nan", "devices[1].int8_tops: nan is out of range"),
    "infinite peak": ("devices.toml", "= 4", "= inf", "devices[1].int8_tops: inf is out of range"),
    "huge peak": ("devices.toml", "= 4", "= " + "9" * 400, "is out of range"),
    "peak in quotes": ("devices.toml", "= 4", '= "4"', "devices[1].int8_tops: '4' is no number"),
    "peak key misspelt": ("devices.toml", "int8_tops", "int8_tflops",
                          "devices[1].int8_tflops: unknown key (did you mean"),
}  # fmt: skip

ORIGINAL = {
    "series.toml": SERIES,
    "counts.csv": COUNTS,
    "latency.csv": LATENCY,
    "devices.toml": DEVICES,
}


def fails(folder: Path) -> str:
    with pytest.raises(CatalogError) as caught:
        read_series(folder)
    message = str(caught.value)
    assert "\n" not in message
    assert message.endswith(")"), "every message ends with its cure"
    return message


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_file_is_named_with_its_place_and_cure(write: Write, case: str) -> None:
    file, old, new, *expected = BROKEN[case]
    assert old in ORIGINAL[file]
    folder = write(**{file.replace(".", "__"): ORIGINAL[file].replace(old, new, 1)})
    message = fails(folder)
    assert message.startswith(f"{folder / file}: ")
    for text in expected:
        assert text in message
    assert len(message) < 450 + len(str(folder))


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "bom"])
@pytest.mark.parametrize("file", ORIGINAL)
def test_a_file_that_is_not_utf_8(write: Write, file: str, mark: bytes) -> None:
    folder = write(**{file.replace(".", "__"): mark + ORIGINAL[file].encode() + b"\n\xff\n"})
    line = ORIGINAL[file].count("\n") + 2
    assert f"{file}: line {line}: byte 0xff is not UTF-8" in fails(folder)


@pytest.mark.parametrize("file", ORIGINAL)
def test_a_file_that_can_not_be_read(write: Write, file: str) -> None:
    folder = write(**{file.replace(".", "__"): None})
    (folder / file).mkdir()
    assert f"{file}: can't be read: " in fails(folder)


@pytest.mark.parametrize("file", ["counts.csv", "latency.csv", "devices.toml"])
def test_a_link_to_nothing_is_not_an_absent_file(write: Write, file: str) -> None:
    folder = write(**{file.replace(".", "__"): None})
    (folder / file).symlink_to(folder / "gone")
    assert f"{file}: the file is missing" in fails(folder)


def test_without_series_toml_or_models_there_is_no_series(write: Write) -> None:
    assert "series.toml: the file is missing" in fails(write(series__toml=None))
    head = SERIES[: SERIES.index("[[models]]")]
    assert "models: there is no model" in fails(write(series__toml=head))


def test_a_folder_that_can_not_name_a_series(write: Write) -> None:
    folder = write().rename(write().parent / "my nets")
    assert "'my nets' can't name a series (rename the folder" in fails(folder)


def test_lines_are_counted_through_cells_that_span_them(write: Write) -> None:
    counts = (
        "page,model,printed_name,top1\n\n"
        'blog,small,"two\nlines",0.5\n'  # lines 3 and 4
        "blog,large,Large,x\n"
    )
    assert "counts.csv: line 5, column top1: 'x'" in fails(write(counts__csv=counts))
    counts = counts.replace("0.5", "y")
    assert "counts.csv: line 3, column top1: 'y'" in fails(write(counts__csv=counts))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    file=st.sampled_from(sorted(ORIGINAL)),
    place=st.floats(0, 1),
    length=st.integers(0, 12),
    noise=st.binary(max_size=12) | st.sampled_from([b'"', b"\r", b"\0", b"[[", b"=", b",", b"'''"]),
)
def test_any_damage_is_read_or_named_on_one_line(
    write: Write, file: str, place: float, length: int, noise: bytes
) -> None:
    raw = ORIGINAL[file].encode()
    at = int(place * len(raw))
    folder = write(**{file.replace(".", "__"): raw[:at] + noise + raw[at + length :]})
    try:
        read_series(folder)
    except CatalogError as error:
        message = str(error)
        # A damaged series.toml or devices.toml may first show in a file that leans on it.
        assert message.startswith(f"{folder}/")
        assert message.isprintable()
