"""``inprof docs write`` and ``check``: a page is filled, stays true, and is left alone else."""

import codecs
import os
import stat
import subprocess
import sys

import pytest
from made_measurements import made, spread

from profiler.timing.latencies.measurement_file import append

HEAD = "# Our nets\n\nText  with two spaces \n\n"
TAIL = "\n\tA tail, without a line end at the end"
BEGIN = "<!-- inprof:begin table=accuracy series=mine -->"
END = "<!-- inprof:end -->"
PLOT = "<!-- inprof:begin plot=flops series=mine -->"


def page(*begins, head=HEAD, tail=TAIL):
    return head + "\n".join(f"{begin}\n{END}\n" for begin in begins) + tail


@pytest.fixture
def readme(folder):
    path = folder / "README.md"
    path.write_text(page(BEGIN, PLOT))
    return path


def write(inprof, *arguments):
    result = inprof("docs", "write", "README.md", *arguments)
    assert result.exit_code == 0, result.output
    return result


def check(inprof, *arguments):
    return inprof("docs", "check", *(arguments or ("README.md",)))


def test_a_page_is_filled_and_then_current(inprof, readme, folder):
    before = check(inprof)
    assert before.exit_code == 1
    assert "README.md:5: table=accuracy series=mine: nothing was written here yet" in before.stdout
    assert write(inprof).stdout == "README.md: 2 of 2 regions written\n"
    text = readme.read_text()
    assert text.startswith(f"{HEAD}{BEGIN}\n\n| Model")
    assert text.endswith(f"-->\n{TAIL}")
    assert '<img alt="Scatter plot' in text
    assert {path.name for path in (folder / "images").iterdir()} == {
        "Mine.flops.png",
        "Mine.flops.dark.png",
    }
    assert check(inprof).stdout == "2 regions in 1 file are current\n"
    kept = readme.read_bytes(), readme.stat().st_mtime_ns
    assert write(inprof).stdout == "README.md: 2 regions current\n"
    assert (readme.read_bytes(), readme.stat().st_mtime_ns) == kept


def test_what_is_not_in_a_region_stays_to_the_byte(inprof, folder):
    path = folder / "README.md"
    raw = codecs.BOM_UTF8 + page(BEGIN).replace("\n", "\r\n").encode()
    path.write_bytes(raw)
    path.chmod(0o640)
    write(inprof)
    written = path.read_bytes()
    head, _, rest = raw.partition(END.encode())
    assert written.startswith(head)
    assert written.endswith(rest)
    assert b"\n" not in written.replace(b"\r\n", b"")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert check(inprof).exit_code == 0


def test_a_network_that_changed_makes_the_page_stale(inprof, readme, folder):
    write(inprof)
    nets = folder / "series" / "mine" / "nets.py"
    nets.write_text(
        nets.read_text().replace("nn.Conv2d(3, 4, 3, padding=1)", "nn.Conv2d(3, 4, 5, padding=2)")
    )
    result = check(inprof, "README.md", "--diff")
    assert result.exit_code == 1
    assert "README.md:5: table=accuracy series=mine: out of date" in result.stdout
    # both the words of the picture and the picture change
    assert "plot=flops series=mine: out of date" in result.stdout
    # 3x3: 4*3*9 + 4 and 2*4 + 2, 122 parameters; 5x5: 4*3*(25 - 9) = 192 more
    (added,) = [line for line in result.stdout.splitlines() if line.startswith("+| Small net")]
    assert added.split("|")[-2].strip() == "314"
    assert "2 of 2 regions are not current: run inprof docs write" in result.stderr
    write(inprof)
    assert check(inprof).exit_code == 0


def test_a_picture_that_is_gone_or_old_is_drawn_again(inprof, readme, folder):
    write(inprof)
    text = readme.read_bytes()
    picture = folder / "images" / "Mine.flops.dark.png"
    drawn = picture.read_bytes()
    old = drawn.replace(b"inprof-plot-", b"inprof-plot-0")
    for damage in (picture.unlink, lambda: picture.write_bytes(old)):
        damage()
        result = check(inprof)
        assert result.exit_code == 1
        assert "its picture is missing or out of date" in result.stdout
        assert write(inprof).stdout == "README.md: 1 of 2 regions written\n"
        assert picture.read_bytes() == drawn
    assert readme.read_bytes() == text


def test_an_edit_is_refused_until_it_is_forced(inprof, readme):
    write(inprof)
    edited = readme.read_text().replace("Small net", "Our best net")
    readme.write_text(edited)
    result = inprof("docs", "write", "README.md")
    assert result.exit_code == 1
    assert "README.md:5: table=accuracy series=mine: somebody edited this region" in result.stderr
    assert readme.read_text() == edited
    assert "edited by hand" in check(inprof).stdout
    write(inprof, "--force")
    assert "Our best net" not in readme.read_text()


def test_text_that_no_program_wrote_is_not_lost(inprof, folder):
    text = f"{BEGIN}\n| my table |\n{END}\n"
    (folder / "README.md").write_text(text)
    assert inprof("docs", "write", "README.md").exit_code == 1
    assert (folder / "README.md").read_text() == text


def test_a_region_that_lost_its_checksum_gets_it_back(inprof, readme):
    write(inprof)
    whole = readme.read_text()
    lines = [END if line.startswith("<!-- inprof:end") else line for line in whole.split("\n")]
    readme.write_text("\n".join(lines))
    assert "without its checksum" in check(inprof).stdout
    write(inprof)
    assert readme.read_text() == whole


@pytest.mark.parametrize("command", ["write", "check"])
def test_a_broken_page_is_left_alone_and_the_others_go_on(command, inprof, readme, folder):
    broken = page("<!-- inprof:begin table=acuracy -->", BEGIN, "<!-- inprof:begin", head="")
    (folder / "broken.md").write_text(broken)
    result = inprof("docs", command, "broken.md", "README.md", "missing.md")
    assert result.exit_code == 2
    told = result.stderr.splitlines()
    assert "missing.md: there is no such file" in told
    assert [line.split(": ")[0] for line in told if line.startswith("broken.md")] == [
        "broken.md:1",
        "broken.md:7",
        "broken.md:8",
    ]
    assert (folder / "broken.md").read_text() == broken
    assert (END not in readme.read_text()) == (command == "write")
    # what is stale is told of a broken page too
    assert ("broken.md:4: table=accuracy series=mine" in result.stdout) == (command == "check")


def test_a_file_that_was_not_drawn_is_not_lost(inprof, readme, folder):
    (folder / "images").mkdir()
    logo = folder / "images" / "Mine.flops.png"
    logo.write_bytes(b"\x89PNG our logo")
    before = readme.read_bytes()
    result = inprof("docs", "write", "README.md")
    assert result.exit_code == 1
    assert "README.md:8: plot=flops series=mine: inprof did not draw the file" in result.stderr
    assert "its picture is a file that inprof did not draw" in check(inprof).stdout
    assert (logo.read_bytes(), readme.read_bytes()) == (b"\x89PNG our logo", before)
    write(inprof, "--force")
    assert check(inprof).exit_code == 0


def test_what_can_not_be_written_is_told_and_the_others_go_on(inprof, readme, folder):
    (folder / "images").write_text("a file where the folder should be")
    before = readme.read_bytes()
    (folder / "z.md").write_text(page(BEGIN))
    result = inprof("docs", "write", "README.md", "z.md")
    assert result.exit_code == 2
    assert result.stderr == "README.md: can't create the folder 'images': File exists\n"
    assert readme.read_bytes() == before
    assert result.stdout == "z.md: 1 of 1 region written\n"


def test_a_page_that_was_saved_meanwhile_is_not_overwritten(inprof, folder):
    # building the model saves the page, as an editor may
    (folder / "saves.py").write_text(
        "from nets import small\n\ndef net():\n"
        "    with open('README.md', 'a') as page:\n        page.write('saved meanwhile')\n"
        "    return small()\n"
    )
    (folder / "README.md").write_text(page("<!-- inprof:begin summary=saves.py:net size=16 -->"))
    result = inprof("docs", "write", "README.md")
    assert result.exit_code == 2
    assert "it was changed while its regions were worked out: run this again" in result.stderr
    assert (folder / "README.md").read_text().endswith("at the end" + "saved meanwhile")


def test_pictures_lie_beside_the_file_that_a_link_leads_to(inprof, readme, folder):
    (folder / "docs").mkdir()
    (folder / "docs" / "index.md").symlink_to("../README.md")
    assert inprof("docs", "write", "docs/index.md").exit_code == 0
    assert (folder / "docs" / "index.md").is_symlink()
    assert {path.name for path in (folder / "docs").iterdir()} == {"index.md"}
    assert check(inprof).exit_code == 0


def test_line_ends_that_a_checkout_changed_leave_a_page_current(inprof, folder):
    plot = PLOT.replace(" -->", " format=svg -->")
    (folder / "README.md").write_text(page(BEGIN, plot))
    write(inprof)
    for path in (folder / "README.md", *(folder / "images").iterdir()):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert check(inprof, "README.md", "--diff").stdout == "2 regions in 1 file are current\n"


@pytest.mark.parametrize("command", ["write", "check"])
def test_a_page_without_regions_is_warned_of(command, inprof, folder):
    (folder / "README.md").write_text(HEAD)
    result = inprof("docs", command, "README.md")
    assert result.exit_code == 0
    assert result.stderr == (
        "Warning: no region begins in README.md: inprof docs kinds lists what may\n"
    )


def test_a_check_writes_nothing(inprof, readme, folder):
    there = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.suffix != ".pyc"}
    assert check(inprof, "README.md", "--diff").exit_code == 1
    assert {
        path: path.stat().st_mtime_ns
        for path in folder.rglob("*")
        if "__pycache__" not in str(path) and path.name != "series" and path.name != "mine"
    }.items() <= there.items()


def test_bytes_that_are_no_text_are_told(inprof, folder):
    (folder / "README.md").write_bytes(b"# \xff\n")
    result = inprof("docs", "check", "README.md")
    assert result.exit_code == 2
    assert result.stderr == "README.md:1: byte 0xff is not UTF-8: save the page as UTF-8\n"


def test_a_model_that_fails_is_a_fault_at_its_line(inprof, folder):
    (folder / "README.md").write_text(
        page("<!-- inprof:begin summary=nets.py:fails -->", head="\n")
    )
    result = inprof("docs", "check", "README.md")
    assert result.exit_code == 2
    assert result.stderr.startswith("README.md:2: nets.py:fails")
    assert "one" in result.stderr


def test_a_folder_stands_for_its_pages_with_regions(inprof, readme, folder):
    docs = folder / "docs"
    docs.mkdir()
    (docs / "a.md").write_text(page(PLOT))
    (docs / "latin.md").write_bytes(b"caf\xe9")
    (docs / "notes.txt").write_text(page(BEGIN))
    result = inprof("docs", "write", ".")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == (
        "README.md: 2 of 2 regions written\ndocs/a.md: 1 of 1 region written\n"
    )
    assert (docs / "images" / "Mine.flops.png").is_file()


def test_two_plots_may_not_share_a_file(inprof, folder):
    macs = PLOT.replace("series=mine", "series=mine convention=flops_all")
    (folder / "README.md").write_text(page(PLOT, macs))
    result = inprof("docs", "write", "README.md")
    assert result.exit_code == 2
    assert (
        "two regions draw images/Mine.flops.png differently: give one of them name="
        in result.stderr
    )
    for same in (" dir=a/../images", " name=mine.FLOPS"):
        (folder / "README.md").write_text(page(PLOT, macs.replace(" -->", f"{same} -->")))
        assert "differently" in inprof("docs", "write", "README.md").stderr
    (folder / "README.md").write_text(page(PLOT))
    (folder / "other.md").write_text(page(macs))
    result = inprof("docs", "write", "README.md", "other.md")
    assert result.exit_code == 2
    assert "other.md: images/Mine.flops.png is drawn differently by another page" in result.stderr
    (folder / "other.md").write_text(page(macs.replace(" -->", " name=all -->")))
    assert inprof("docs", "write", "README.md", "other.md").exit_code == 0


def test_pictures_go_where_the_page_says(inprof, folder):
    docs = folder / "docs"
    docs.mkdir()
    (docs / "a.md").write_text(
        page(PLOT.replace(" -->", ' dir="../my images" format=svg theme=dark -->'))
    )
    assert inprof("docs", "write", "docs/a.md").exit_code == 0
    assert (folder / "my images" / "Mine.flops.dark.svg").is_file()
    assert 'src="../my%20images/Mine.flops.dark.svg"' in (docs / "a.md").read_text()


def test_measured_latencies_come_with_their_conditions(inprof, folder):
    samples = spread(1.5, width=0.01)
    record = made("small", samples, address="nets.py:small", input_shape=(1, 3, 16, 16))
    append(folder / "measurements" / "made.jsonl", record)
    (folder / "README.md").write_text(
        page(
            "<!-- inprof:begin table=measured series=mine notes=yes -->",
            "<!-- inprof:begin note=measured series=mine -->",
        )
    )
    write(inprof)
    text = (folder / "README.md").read_text()
    assert "**FP32, device time**" in text
    assert "**1.500**" in text
    assert inprof("docs", "check", "README.md", "--no-measurements").exit_code == 2


@pytest.mark.slow
def test_a_check_of_what_was_counted_loads_neither_torch_nor_matplotlib(folder):
    page_text = page("<!-- inprof:begin plot=flops series=mine -->", BEGIN)
    (folder / "README.md").write_text(page_text)
    script = (
        "import sys; sys.argv = ['inprof', 'docs', sys.argv[1], 'README.md']\n"
        "from profiler.cli import main\n"
        "try: main()\n"
        "except SystemExit as end: assert not end.code\n"
        "print(*sorted({'torch', 'matplotlib', 'numpy'} & sys.modules.keys()))"
    )
    environment = {**os.environ, "INPROF_CACHE_DIR": str(folder / "cache")}

    def loaded(command):
        run = subprocess.run(
            [sys.executable, "-c", script, command], cwd=folder, env=environment,
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return run.stdout.splitlines()[-1].split()

    assert "torch" in loaded("write")
    assert loaded("check") == []


def test_kinds_are_listed(inprof):
    assert "table=accuracy  Accuracy, FLOPs" in inprof("docs", "kinds").stdout
    assert '"region": "summary=MODEL"' in inprof("docs", "kinds", "--format", "json").stdout
