from pathlib import Path

import pytest

from profiler.errors import InprofError
from profiler.files import find_folder, site_dir, templates_dir


def test_in_a_checkout_they_lie_beside_the_package() -> None:
    root = Path(__file__).parent.parent
    assert templates_dir() == root / "templates"
    assert site_dir() == root / "site"


def test_in_a_wheel_they_lie_inside_the_package(tmp_path: Path) -> None:
    package = tmp_path / "profiler"
    (package / "site").mkdir(parents=True)
    (tmp_path / "site").mkdir()  # another package's: beside an installed package is not ours
    assert find_folder("site", package) == package / "site"


def test_beside_an_installed_package_is_other_peoples(tmp_path: Path) -> None:
    package = tmp_path / "profiler"
    package.mkdir()
    (tmp_path / "templates").mkdir()
    with pytest.raises(InprofError, match=r"templates/ is missing: .* install inprof again"):
        find_folder("templates", package)


def test_a_file_of_that_name_is_no_folder(tmp_path: Path) -> None:
    package = tmp_path / "profiler"
    package.mkdir()
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "site").touch()
    with pytest.raises(InprofError, match=r"site/ is missing"):
        find_folder("site", package)
