"""Reports that need neither torch nor the tracer: their counts come from the reference data."""

import csv
import os
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from profiler.catalog import known_devices, load_series
from profiler.records import (
    Counts,
    Family,
    Latency,
    Provenance,
    Published,
    PublishedCounts,
    Report,
    ReportRow,
    Series,
    SeriesModel,
    Totals,
)

DATA = Path(__file__).parent / "data"
HERE = Provenance(page="web", table="speed", row="row")


def pytest_configure(config: pytest.Config) -> None:
    """No test depends on a clock; what `make test` draws is the same on every run."""
    is_quick = config.option.markexpr == "not slow"  # the slow tests look further each time
    settings.register_profile("inprof", deadline=None, derandomize=is_quick)
    settings.load_profile("inprof")


@pytest.fixture(autouse=True)
def _the_same_random_numbers() -> None:
    random.seed(0)
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(0)


@pytest.fixture(autouse=True, scope="session")
def _cache_of_this_run(tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test reads or fills the user's own cache."""
    os.environ["INPROF_CACHE_DIR"] = str(tmp_path_factory.mktemp("cache"))


def counts_of(
    model: str, shape: tuple[int, ...], variant: str, convention: str, **totals: int
) -> Counts:
    """Counts with the given totals and no rows."""
    names = ("params", "trainable_params", "macs", "flops", "activations", "bytes_moved")
    sums = dict.fromkeys((*names, "weight_bytes", "peak_activation_bytes"), 0) | totals
    return Counts(
        model=model,
        input_shapes={"0": shape},
        variant=variant,
        convention=convention,
        precision="fp32",
        grouping="layer",
        layers=(),
        totals=Totals(**sums),
    )


@pytest.fixture(scope="session")
def inception_report() -> Callable[[str], Report]:
    """The built-in series under a convention, its totals from ``expected_counts.csv``."""
    with (DATA / "expected_counts.csv").open(encoding="utf-8") as file:
        expected = {(row["model"], row["variant"]): row for row in csv.DictReader(file)}

    def build(convention: str = "flops") -> Report:
        series = load_series("inception")
        verbatim = convention == "paddle_static"
        rows = []
        for model in series.models:
            variant = model.published_variant if verbatim else "deploy"
            facts = expected[model.address, variant]
            prefix = "paddle_static_" if verbatim else ""
            counts = counts_of(
                model.name,
                tuple(int(size) for size in facts["input"].split("x")),
                variant,
                convention,
                macs=int(facts["macs"]),
                flops=int(facts[f"{prefix}flops"]),
                params=int(facts[f"{prefix}params"]),
            )
            rows.append(
                ReportRow(
                    model=model,
                    counts=counts,
                    accuracy=next(row for row in series.counts if row.model == model.name),
                    latencies=tuple(x for x in series.latencies if x.model == model.name),
                )
            )
        return Report(
            series=series,
            convention=convention,
            verbatim=verbatim,
            rows=tuple(rows),
            devices=tuple(known_devices(series).values()),
        )

    return build


@pytest.fixture(scope="session")
def tiny_report() -> Callable[..., Report]:
    """A series of a user's own: as many models as labels, one accuracy, any latencies."""

    def build(
        *labels: str,
        accuracy: bool = True,
        timed: tuple[tuple[str, str, int, str], ...] = (),
        convention: str = "flops",
        flops: int = 2_000_000_000,
        title: str = "Mine",
        paper: str = "",
    ) -> Report:
        models = tuple(
            SeriesModel(
                name=f"m{index}",
                label=label,
                address="my.py:net",
                family="f",
                crop_size=32,
                paper=paper,
            )
            for index, label in enumerate(labels)
        )
        latencies = tuple(
            Latency(
                model="m0",
                page="web",
                printed_name=labels[0],
                hw=hw,
                precision=precision,
                batch_size=batch_size,
                crop_size=32,
                resize_short_size=40,
                latency_ms=Published(text=text, source=HERE),
            )
            for hw, precision, batch_size, text in timed
        )
        published = PublishedCounts(
            model="m0",
            page="web",
            printed_name=labels[0],
            top1=Published(text="0.5", source=HERE),
        )
        rows = tuple(
            ReportRow(
                model=model,
                counts=counts_of(
                    model.name,
                    (1, 3, 32, 32),
                    "deploy",
                    convention,
                    macs=flops // 2,
                    flops=flops,
                    params=1_500_000,
                ),
                accuracy=published if accuracy and model.name == "m0" else None,
                latencies=latencies if model.name == "m0" else (),
            )
            for model in models
        )
        series = Series(
            name="mine",
            file_stem="Mine",
            titles={"en": title},
            summaries={},
            families=(Family(slug="f", name="F"),),
            models=models,
            counts=(published,) if accuracy else (),
            latencies=latencies,
        )
        return Report(
            series=series,
            convention=convention,
            verbatim=convention == "paddle_static",
            rows=rows,
            devices=tuple(known_devices(series).values()),
        )

    return build


@pytest.fixture(scope="session")
def built_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of the built-in series, built once by the command itself, as from a pipe."""
    folder = tmp_path_factory.mktemp("site") / "site"
    script = "from profiler.cli import main; main()"
    command = [sys.executable, "-c", script, "site", "--no-measurements", "-o", str(folder)]
    environment = {**os.environ, "PYTHONHASHSEED": "1"}
    root = Path(__file__).parents[1]
    done = subprocess.run(
        command, capture_output=True, text=True, env=environment, cwd=root, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    (line,) = done.stdout.splitlines()
    assert line.startswith(f"wrote {folder / 'index.html'} and ")
    return folder
