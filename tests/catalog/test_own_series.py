"""A user's own series: found, read, and read the same whatever the editor did to the files."""

import json
import string
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from profiler.catalog import (
    known_devices,
    list_series,
    load_devices,
    load_series,
    series_measurements,
)
from profiler.catalog.data_files import is_safe_name
from profiler.catalog.series_folder import read_series
from profiler.errors import CatalogError, UnknownNameError

from .conftest import COUNTS, DEVICES, FILES, LATENCY, SERIES, Write


def test_it_is_read(write: Write) -> None:
    folder = write()
    series = load_series("mine", [folder])
    assert (series.name, series.file_stem) == ("mine", "Mine")
    assert [model.label for model in series.models] == ["Small net", "large"]
    small, large = series.counts
    assert (small.printed_name, large.printed_name) == ("Small net", "large")
    assert small.flops_g is not None
    assert small.flops_g.text == "1.50"
    assert small.flops_g.source.page == "blog"
    assert small.params_m is large.top5 is large.flops_g is None
    assert [row.latency_ms.text for row in series.latencies] == ["1.250", "2.5", "10"]
    assert known_devices(series)["mine"].int8_tops == 4
    assert "mine" not in load_devices()


def test_measurements_lie_in_the_series_folder(write: Write) -> None:
    folder = write()
    assert series_measurements("mine", [folder]) == folder / "measurements"
    assert series_measurements("inception").parent.name == "inception"
    with pytest.raises(UnknownNameError, match="did you mean mine"):
        series_measurements("mime", [folder])


def test_days_and_changes_are_kept_with_the_data(write: Write) -> None:
    changes = """\
[[changes]]
date = "2026-01-02"
texts.en = "First."

[[changes]]
date = "2026-03-04"
revision = "0123abc"
texts.zh_CN = "改了。"

[titles]
"""
    series = read_series(write(series__toml=SERIES.replace("[titles]\n", changes)))
    assert series.updated == "2026-03-04"
    assert [(each.date, each.revision) for each in series.changes] == [
        ("2026-03-04", "0123abc"),
        ("2026-01-02", ""),
    ]
    assert series.changes[0].texts == {"en": "改了。", "zh_CN": "改了。"}
    later = f'updated = "2026-05-06"\n{changes}'
    series = read_series(write(series__toml=SERIES.replace("[titles]\n", later)))
    assert series.updated == "2026-05-06"
    assert (read_series(write()).updated, read_series(write()).changes) == ("", ())


def test_a_text_in_one_language_stands_for_the_other(write: Write) -> None:
    series = read_series(write())
    assert series.titles == {"en": "My nets", "zh_CN": "My nets"}
    assert series.summaries == {"en": "", "zh_CN": ""}
    assert series.notes == {"en": (), "zh_CN": ()}
    chinese = read_series(write(series__toml=SERIES.replace('en = "My nets"', 'zh_CN = "我的"')))
    assert chinese.titles == {"en": "我的", "zh_CN": "我的"}


def test_series_toml_alone_is_enough(write: Write) -> None:
    series = read_series(write(counts__csv=None, latency__csv=None, devices__toml=None))
    assert series.counts == series.latencies == series.devices == ()


def test_file_stem_and_label_default_to_the_names(write: Write) -> None:
    series = read_series(write(series__toml=SERIES.replace('file_stem = "Mine"\n', "")))
    assert series.file_stem == "mine"
    assert series.model("large").label == "large"


def test_an_address_in_the_series_folder_becomes_absolute(write: Write) -> None:
    folder = write()
    series = read_series(folder)
    assert series.model("small").address == f"{folder.resolve() / 'my_nets.py'}:small"
    assert series.model("large").address == "googlenet"
    elsewhere = read_series(write(my_nets__py=None))
    assert elsewhere.model("small").address == "my_nets.py:small"


def test_a_series_path_is_a_series_or_a_folder_of_them(write: Write) -> None:
    folder = write()
    assert load_series("mine", [folder]) == load_series("mine", [folder.parent])
    assert (
        list_series([folder])
        == list_series([str(folder.parent)])
        == ("inception", "mine", "resnet")
    )


def test_the_first_place_wins(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / "work"
    local = work / "series" / "inception"
    local.mkdir(parents=True)
    monkeypatch.chdir(work)
    (local / "series.toml").write_text(SERIES.replace("My nets", "local"))
    assert load_series("inception").titles["en"] == "local"
    named = tmp_path / "named" / "inception"
    named.mkdir(parents=True)
    (named / "series.toml").write_text(SERIES.replace("My nets", "named"))
    assert load_series("inception", [named.parent]).titles["en"] == "named"
    assert load_series("inception", [write(), named]).titles["en"] == "named"
    assert list_series() == ("inception", "resnet")


def test_the_current_folder_can_be_a_series(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write()
    monkeypatch.chdir(folder)
    assert load_series("mine", ["."]).name == "mine"


def test_a_link_to_a_series_keeps_its_own_name(write: Write, tmp_path: Path) -> None:
    link = tmp_path / "links" / "alias"
    link.parent.mkdir()
    link.symlink_to(write(), target_is_directory=True)
    assert load_series("alias", [link.parent]).name == "alias"


def test_an_unknown_series_says_where_to_put_ones_own() -> None:
    with pytest.raises(UnknownNameError) as caught:
        load_series("incepton")
    message = str(caught.value)
    assert "unknown series 'incepton': did you mean inception?" in message
    assert "./series/incepton/" in message
    assert "--series-path" in message
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("name", ["../inception", "/etc", "a\nb", "", ".", "..", "inception/"])
def test_a_name_can_not_lead_out_of_its_folder(name: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        load_series(name)
    assert "\n" not in str(caught.value)


def test_a_series_without_its_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "begun").mkdir()
    with pytest.raises(CatalogError, match=r"begun/series\.toml: the file is missing \(create it"):
        load_series("begun", [tmp_path])


def test_a_search_path_that_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"nowhere: there is no such folder .*--series-path"):
        list_series([tmp_path / "nowhere"])


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "bom"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_byte_order_marks_line_ends_and_blank_lines_do_not_matter(
    write: Write, mark: bytes, line_end: str
) -> None:
    plain = read_series(write())
    changed = {
        name.replace(".", "__"): mark + text.replace("\n", line_end).encode()
        for name, text in FILES.items()
        if not name.endswith(".py")
    }
    changed["counts__csv"] += f"{line_end} , ,,,,{line_end}".encode()
    assert read_series(write(**changed)) == plain


def test_spaces_round_cells_do_not_matter(write: Write) -> None:
    padded = read_series(
        write(
            counts__csv=COUNTS.replace(",", " , "),
            latency__csv=LATENCY.replace(",", "  ,"),
            devices__toml=DEVICES,
        )
    )
    assert padded == read_series(write())


HOSTILE = [
    "<script>alert('x')</script>",
    'a "b" | c',
    "模型",
    "🧪",
    "a\\b",
    "=1+1",
    "../x",
    "{{ 7 }}",
]


def toml_text(text: str) -> str:
    # JSON's escapes are TOML's but for DEL, which TOML wants escaped too.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    label=st.sampled_from(HOSTILE)
    | st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip)
)
def test_labels_and_titles_are_kept_verbatim(write: Write, label: str) -> None:
    text = SERIES.replace('"Small net"', toml_text(label)).replace('"My nets"', toml_text(label))
    series = read_series(write(series__toml=text))
    assert series.model("small").label == label
    assert series.titles["en"] == label
    assert series.counts[0].printed_name == label


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(HOSTILE) | st.text(st.sampled_from("a./\\\0 \n-é"), min_size=1),
    key=st.sampled_from(["file_stem", "family", "model"]),
)
def test_a_name_that_becomes_a_file_name_is_safe_or_refused(
    write: Write, name: str, key: str
) -> None:
    old = {"file_stem": '"Mine"', "family": '"net"', "model": '"large"'}[key]
    text = SERIES.replace(old, toml_text(name))
    folder = write(series__toml=text, counts__csv=None, latency__csv=None)
    safe = name[0] in string.ascii_letters and set(name) <= set(string.ascii_letters + ".-")
    assert is_safe_name(name) == safe
    if safe:
        assert read_series(folder)
    else:
        with pytest.raises(CatalogError) as caught:
            read_series(folder)
        assert "\n" not in str(caught.value)
