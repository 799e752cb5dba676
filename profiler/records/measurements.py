"""Measured latencies: every sample in order, with the conditions they were taken under."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

from profiler.records.base import Record, Shape
from profiler.records.trace import DEPLOY, Input

#: What ``Measurement.version`` is of records written now.
MEASUREMENT_VERSION = 1

Quantity = Literal["device", "eager", "host"]
Layout = Literal["nchw", "nhwc"]
Fact = bool | int | float | str | None
#: A condition's name ("layout", "engine", "threads", "l2") and what it was.
Condition = tuple[str, str]

#: What of a call is timed, in the order it is shown.
QUANTITIES: tuple[Quantity, ...] = get_args(Quantity)
#: What a latency can be measured at; ``fp32`` is IEEE single precision throughout.
PRECISIONS = ("fp32", "tf32", "fp16", "bf16")

#: The engine and the layout that go without saying.
USUAL_ENGINE = "pytorch"
_USUAL_LAYOUT: Layout = "nchw"

#: Flags that describe a figure; every other flag says that it may not be what it seems.
DESCRIBING_FLAGS = ("launch_bound", "power_capped", "outliers", "autocorrelated")


def casts_doubt(flags: Iterable[str]) -> bool:
    """Whether a flag says that the figure may not be what it seems."""
    return any(flag not in DESCRIBING_FLAGS for flag in flags)


class HowTimed(Record, frozen=True, gc=False):
    """The quantity that was measured, and how the model ran.

    Latencies that differ in it never share a table's column or a plot.
    """

    quantity: Quantity
    layout: Layout = _USUAL_LAYOUT
    engine: str = USUAL_ENGINE
    #: Threads that a CPU computed with, where a number was asked for or told.
    threads: int | None = None
    #: Whether the last-level cache was evicted before each call.
    flush_l2: bool = False

    @property
    def rank(self) -> tuple[int | bool | str, ...]:
        """A key that sorts quantities in their order and the usual conditions first."""
        return (
            QUANTITIES.index(self.quantity),
            self.layout != _USUAL_LAYOUT,
            self.engine != USUAL_ENGINE,
            self.engine,
            self.flush_l2,
            self.threads or 0,
        )

    @property
    def unusual(self) -> tuple[Condition, ...]:
        """The conditions that are not the usual ones, by name."""
        said = (
            ("layout", self.layout.upper() if self.layout != _USUAL_LAYOUT else ""),
            ("engine", self.engine if self.engine != USUAL_ENGINE else ""),
            ("threads", str(self.threads) if self.threads is not None else ""),
            ("l2", "flushed" if self.flush_l2 else ""),
        )
        return tuple((name, value) for name, value in said if value)


class Conditions(Record, frozen=True, gc=False):
    """All that two measurements of the same thing share; only time and process differ.

    It is the key that they are found by: equal conditions, the same thing.
    """

    model: str
    #: The device's slug.
    device: str
    precision: str
    batch_size: int
    input_shape: Shape
    inputs: tuple[Input, ...]
    inputs_from: str
    variant: str
    #: The builder's, by name and sorted: their order on a command line says nothing.
    arguments: tuple[tuple[str, str], ...]
    how: HowTimed


class TimingSettings(Record, frozen=True, gc=False):
    """The knobs of the timing protocol; seconds and milliseconds as the names say.

    Widths, slopes and ranges are fractions.
    """

    #: The least calls, and seconds of them, before a steady state is looked for.
    warmup_calls: int = 10
    warmup_s: float = 0.5
    #: Steady: the medians of so many windows are level, and the clock is.
    steady_windows: int = 5
    steady_window_s: float = 0.1
    steady_slope: float = 0.005
    steady_clock_range: float = 0.02
    #: What is not steady by then is measured all the same, with a flag.
    steady_cap_s: float = 10.0
    #: Calls between two synchronisations, and those before them that keep the queue full.
    chunk_calls: int = 64
    pre_roll_calls: int = 2
    #: The fewest samples; of calls longer than ``slow_call_ms`` fewer do.
    min_samples: int = 200
    min_slow_samples: int = 30
    slow_call_ms: float = 100.0
    min_busy_s: float = 1.0
    max_samples: int = 20_000
    #: Half the width of the median's interval at which it is known, as a part of the median.
    target_half_width: float = 0.005
    confidence: float = 0.95
    #: After so many times the samples it is looked at again whether the median is known.
    checkpoint_ratio: float = 1.3
    min_batches: int = 16
    #: From a record's first warm-up call to its last sample.
    budget_s: float = 40.0
    flush_l2: bool = False
    cudnn_benchmark: bool = True
    #: Limits past which times by layer are refused.
    max_inflation: float = 0.10
    max_unattributed: float = 0.15


class Telemetry(Record, frozen=True, gc=False):
    """The device's state at one moment; what the device does not tell is None."""

    #: Seconds after the record began.
    at_s: float
    #: How many samples there were by then, where it was read between two chunks of them.
    samples: int | None = None
    sm_clock_mhz: int | None = None
    memory_clock_mhz: int | None = None
    power_w: float | None = None
    temperature_c: int | None = None
    p_state: int | None = None
    #: NVML's clocks-event-reasons bits.
    clock_reasons: int | None = None
    #: Processes of others on a GPU; on a CPU, cores that others kept busy while they were needed.
    foreign_processes: int | None = None


class Environment(Record, frozen=True, gc=False):
    """The surroundings of a measurement: names, versions and settings, no host or user name."""

    #: The device's slug.
    hw: str
    #: What the device calls itself.
    name: str
    #: Identifiers (a GPU's UUID) stand here as hashes.
    device: dict[str, Fact] = {}
    software: dict[str, Fact] = {}
    host: dict[str, Fact] = {}
    variables: dict[str, str] = {}


class LayerSpan(Record, frozen=True, gc=False):
    """The time between two neighbouring boundaries, which one call of one module spends itself.

    The time of its children is theirs; a parent's spans hold the functional ops it calls, one span
    wherever children run in between.
    """

    path: str
    call_index: int
    class_name: str
    #: The median over the instrumented calls, rescaled so that all spans and the unattributed time
    #: sum to the median whole.
    span_ms: float


class LayerTimes(Record, frozen=True, gc=False):
    """One model's time by layer; the spans and ``unattributed_ms`` sum to ``total_ms``."""

    method: str
    calls: int
    #: The median of the instrumented calls.
    total_ms: float
    #: The median of calls without instruments, taken in turn with them.
    plain_ms: float
    unattributed_ms: float
    #: ``total_ms`` over ``plain_ms``, minus 1.
    inflation: float
    #: The factor that made medians of parts sum to the median of sums.
    rescaled: float
    resolution_ms: float
    #: How deep modules were told apart, None for all.
    depth: int | None = None
    #: In execution order; none where the times were refused.
    spans: tuple[LayerSpan, ...] = ()
    #: The limit that was passed, in words.
    refused: str = ""


class Measurement(Record, frozen=True, gc=False):
    """The latency of one model under one set of conditions, from one process.

    Median, percentiles and intervals are derived from the samples.
    """

    #: Named with its arguments, so that it is no other's.
    model: str
    #: The device's slug.
    device: str
    #: As verified on the device.
    precision: str
    batch_size: int
    quantity: Quantity
    #: Milliseconds for the whole batch, in the order taken, none left out.
    samples_ms: tuple[float, ...]
    #: Those of a record without samples (``oom``, ``failed``) say why, with ``reason``.
    flags: tuple[str, ...]
    started_at: str
    #: Shared by the records of one command.
    session: str
    #: The number of the session's process, from 1.
    run: int
    address: str
    variant: str
    #: With batch; the first one's where ``inputs`` are given.
    input_shape: Shape
    layout: Layout
    engine: str
    threads: int | None
    settings: TimingSettings
    environment: Environment
    reason: str = ""
    #: The first call at this shape.
    cold_first_ms: float | None = None
    #: The median host time to launch one call on a drained queue.
    enqueue_ms: float | None = None
    #: When samples began to be taken.
    measured_from_s: float | None = None
    #: The allocator's peak; on a CPU the process's.
    peak_bytes: int | None = None
    #: Of the steady test, the last of them the accepted ones.
    window_medians_ms: tuple[float, ...] = ()
    telemetry: tuple[Telemetry, ...] = ()
    layers: LayerTimes | None = None
    weights: str = "random"
    #: A hash of the network's layers.
    network: str = ""
    #: A hash of the names of the kernels that ran, in order: libraries choose among several, and
    #: not always alike.
    kernels: str | None = None
    #: The version of inprof, and that of the format.
    inprof: str = ""
    version: int = MEASUREMENT_VERSION
    #: Those that the builder was given, each as Python writes it.
    arguments: dict[str, str] = {}
    #: Given to the forward, where that is not one batch of ``input_shape``.
    inputs: tuple[Input, ...] = ()
    #: Address of the function that gave what ``inputs`` are the tensors of; empty without one.
    inputs_from: str = ""

    @property
    def flush_l2(self) -> bool:
        """Whether the cache was evicted before each call."""
        return self.settings.flush_l2

    @property
    def given(self) -> tuple[Input, ...]:
        """All that the forward was given, with its batch."""
        return self.inputs or (Input(shape=self.input_shape),)

    @property
    def how(self) -> HowTimed:
        """The quantity, and how the model ran."""
        return _how(self)

    @property
    def conditions(self) -> Conditions:
        """The conditions that measurements of the same thing share."""
        return _conditions(self, self.device)


class MeasuredLatency(Record, frozen=True, gc=False):
    """One model's latency under one set of conditions, from one session's records.

    Fields that are not explained are as in ``Measurement``.
    """

    model: str
    hw: str
    hw_name: str
    precision: str
    batch_size: int
    quantity: Quantity
    input_shape: Shape
    layout: Layout
    engine: str
    threads: int | None
    flush_l2: bool
    #: For the whole batch: the median over the processes' medians.
    median_ms: float
    #: Bounds of the median: the wider of the interval within a process and the range between them.
    #: None where there are too few samples for an interval.
    low_ms: float | None
    high_ms: float | None
    #: Those of all processes.
    samples: int
    #: Processes with samples.
    runs: int
    #: Those of any process.
    flags: tuple[str, ...]
    #: When the first process was.
    started_at: str
    session: str
    #: Whether it comes with inprof and is not the user's own.
    shipped: bool = False
    #: Of the process that was started first, as is ``environment``.
    settings: TimingSettings | None = None
    environment: Environment | None = None
    #: The lowest and the highest clock seen while samples were taken; None where it is not told.
    sm_clock_mhz: tuple[int, int] | None = None
    inprof: str = ""
    arguments: dict[str, str] = {}
    inputs: tuple[Input, ...] = ()
    inputs_from: str = ""
    variant: str = DEPLOY

    @property
    def images_per_s(self) -> float:
        """Throughput at this batch size, images a second."""
        return 1000 * self.batch_size / self.median_ms

    @property
    def doubtful(self) -> bool:
        """Whether a flag says that the figure may not be what it seems."""
        return casts_doubt(self.flags)

    @property
    def how(self) -> HowTimed:
        """The quantity, and how the model ran."""
        return _how(self)

    @property
    def conditions(self) -> Conditions:
        """The conditions that measurements of the same thing share."""
        return _conditions(self, self.hw)


def _how(timed: Measurement | MeasuredLatency) -> HowTimed:
    return HowTimed(timed.quantity, timed.layout, timed.engine, timed.threads, timed.flush_l2)


def _conditions(timed: Measurement | MeasuredLatency, device: str) -> Conditions:
    return Conditions(
        model=timed.model,
        device=device,
        precision=timed.precision,
        batch_size=timed.batch_size,
        input_shape=timed.input_shape,
        inputs=timed.inputs,
        inputs_from=timed.inputs_from,
        variant=timed.variant,
        arguments=tuple(sorted(timed.arguments.items())),
        how=timed.how,
    )
