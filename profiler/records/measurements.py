"""Measured latencies: every sample in order, with the conditions they were taken under."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Literal, get_args

from profiler.records.base import Record, Shape
from profiler.records.trace import Input

#: What ``Measurement.version`` is of records written now.
MEASUREMENT_VERSION = 1

Quantity = Literal["device", "eager", "host"]
Layout = Literal["nchw", "nhwc"]
Fact = bool | int | float | str | None

#: What of a call is timed, in the order it is shown.
QUANTITIES: tuple[Quantity, ...] = get_args(Quantity)
#: What a latency can be measured at; ``fp32`` is IEEE single precision throughout.
PRECISIONS = ("fp32", "tf32", "fp16", "bf16")

#: Flags that describe a figure; every other flag says that it may not be what it seems.
DESCRIBING_FLAGS = ("launch_bound", "power_capped", "outliers", "autocorrelated")


def casts_doubt(flags: Iterable[str]) -> bool:
    """Whether a flag says that the figure may not be what it seems."""
    return any(flag not in DESCRIBING_FLAGS for flag in flags)


class TimingSettings(Record, frozen=True, gc=False):
    """The knobs of the timing protocol; seconds and milliseconds as the names say.

    Widths and slopes are fractions. ``budget_s`` bounds one record from its first warm-up call to
    its last sample.
    """

    warmup_calls: int = 10
    warmup_s: float = 0.5
    steady_windows: int = 5
    steady_window_s: float = 0.1
    steady_slope: float = 0.005
    steady_clock_range: float = 0.02
    steady_cap_s: float = 10.0
    chunk_calls: int = 64
    pre_roll_calls: int = 2
    min_samples: int = 200
    min_slow_samples: int = 30
    slow_call_ms: float = 100.0
    min_busy_s: float = 1.0
    max_samples: int = 20_000
    target_half_width: float = 0.005
    confidence: float = 0.95
    checkpoint_ratio: float = 1.3
    min_batches: int = 16
    budget_s: float = 40.0
    flush_l2: bool = False
    cudnn_benchmark: bool = True
    max_inflation: float = 0.10
    max_unattributed: float = 0.15


class Telemetry(Record, frozen=True, gc=False):
    """The device's state at one moment, ``at_s`` seconds after the record began.

    ``clock_reasons`` are NVML's clocks-event-reasons bits. ``foreign_processes`` are those of
    others on a GPU, and on a CPU the cores that others kept busy while they were needed. A field
    the device does not tell is None. ``samples`` is how many there were by then, where it was
    read between two chunks of samples.
    """

    at_s: float
    samples: int | None = None
    sm_clock_mhz: int | None = None
    memory_clock_mhz: int | None = None
    power_w: float | None = None
    temperature_c: int | None = None
    p_state: int | None = None
    clock_reasons: int | None = None
    foreign_processes: int | None = None


class Environment(Record, frozen=True, gc=False):
    """Where a measurement was taken: names, versions and settings, no host or user name.

    ``hw`` is the slug and ``name`` what the device calls itself. Identifiers (a GPU's UUID) stand
    in ``device`` as hashes.
    """

    hw: str
    name: str
    device: dict[str, Fact] = {}
    software: dict[str, Fact] = {}
    host: dict[str, Fact] = {}
    variables: dict[str, str] = {}


class LayerSpan(Record, frozen=True, gc=False):
    """The time between two neighbouring boundaries, which one call of one module spends itself.

    What its children take is theirs; a parent's spans hold the functional ops it calls, one span
    wherever children run in between. ``span_ms`` is the median over the instrumented calls,
    rescaled so that all spans and what is unattributed sum to the median whole.
    """

    path: str
    call_index: int
    class_name: str
    span_ms: float


class LayerTimes(Record, frozen=True, gc=False):
    """One model's time by layer: spans in execution order.

    The spans and ``unattributed_ms`` sum to ``total_ms``, the median of the instrumented calls.
    ``inflation`` is that over ``plain_ms``, the median of calls without instruments taken in turn
    with them, minus 1. ``rescaled`` is the factor that made medians of parts sum to the median of
    sums. ``depth`` is how deep modules were told apart, None for all. Past a limit ``refused`` says
    which, and there are no spans.
    """

    method: str
    calls: int
    total_ms: float
    plain_ms: float
    unattributed_ms: float
    inflation: float
    rescaled: float
    resolution_ms: float
    depth: int | None = None
    spans: tuple[LayerSpan, ...] = ()
    refused: str = ""


class Measurement(Record, frozen=True, gc=False):
    """The latency of one model under one set of conditions, from one process.

    Samples are milliseconds for the whole batch, in the order taken, none left out; median,
    percentiles and intervals are derived from them. ``session`` is shared by the records of one
    command, ``run`` numbers its processes from 1. ``precision`` is the verified one.
    A record without samples says in ``flags`` (``oom``, ``failed``) and ``reason`` why.
    ``enqueue_ms`` is the median host time to launch one call on a drained queue, ``cold_first_ms``
    the first call at this shape, ``peak_bytes`` the allocator's peak (on a CPU the process's);
    ``window_medians_ms`` are those of the steady test, the last of them the accepted ones, and
    samples were taken from ``measured_from_s`` on. ``network`` is a hash of the network's layers,
    ``kernels`` one of the names of the kernels that ran, in order: libraries choose among several,
    and not always alike. ``arguments`` are those that the builder was given, each as Python writes
    it; ``model`` names them too, so that it is no other's. ``inputs`` are what the forward was
    given where that is not one batch of ``input_shape``, which then is the first one's shape.
    """

    model: str
    device: str
    precision: str
    batch_size: int
    quantity: Quantity
    samples_ms: tuple[float, ...]
    flags: tuple[str, ...]
    started_at: str
    session: str
    run: int
    address: str
    variant: str
    input_shape: Shape
    layout: Layout
    engine: str
    threads: int | None
    settings: TimingSettings
    environment: Environment
    reason: str = ""
    cold_first_ms: float | None = None
    enqueue_ms: float | None = None
    measured_from_s: float | None = None
    peak_bytes: int | None = None
    window_medians_ms: tuple[float, ...] = ()
    telemetry: tuple[Telemetry, ...] = ()
    layers: LayerTimes | None = None
    weights: str = "random"
    network: str = ""
    kernels: str | None = None
    inprof: str = ""
    version: int = MEASUREMENT_VERSION
    arguments: dict[str, str] = {}
    inputs: tuple[Input, ...] = ()

    @property
    def flush_l2(self) -> bool:
        """Whether the cache was evicted before each call."""
        return self.settings.flush_l2

    @property
    def given(self) -> tuple[Input, ...]:
        """All that the forward was given, with its batch."""
        return self.inputs or (Input(shape=self.input_shape),)

    @property
    def conditions(self) -> tuple[Hashable, ...]:
        """What two records share that measure the same thing: only time and process differ."""
        return (
            self.model,
            self.device,
            self.precision,
            self.batch_size,
            self.quantity,
            self.variant,
            *self.input_shape,
            self.layout,
            self.engine,
            self.threads,
            self.flush_l2,
            *sorted(self.arguments.items()),
            *self.inputs,
        )


class MeasuredLatency(Record, frozen=True, gc=False):
    """What the records of one session say of one model under one set of conditions.

    ``median_ms`` is for the whole batch, the median over the processes' medians; ``low_ms`` and
    ``high_ms`` bound it: the wider of the interval within a process and the range between them.
    They are None where there are too few samples for an interval. ``samples`` are those of all
    ``runs`` processes; ``flags`` those of any of them. ``settings`` and ``environment`` are those
    of the process that was started first; ``sm_clock_mhz`` are the lowest and the highest clock
    seen while samples were taken, None where the device does not tell it. ``inprof`` is the
    version. ``arguments`` and ``inputs`` are as in ``Measurement``.
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
    median_ms: float
    low_ms: float | None
    high_ms: float | None
    samples: int
    runs: int
    flags: tuple[str, ...]
    started_at: str
    session: str
    shipped: bool = False
    settings: TimingSettings | None = None
    environment: Environment | None = None
    sm_clock_mhz: tuple[int, int] | None = None
    inprof: str = ""
    arguments: dict[str, str] = {}
    inputs: tuple[Input, ...] = ()

    @property
    def images_per_s(self) -> float:
        """Throughput at this batch size, images a second."""
        return 1000 * self.batch_size / self.median_ms

    @property
    def doubtful(self) -> bool:
        """Whether a flag says that the figure may not be what it seems."""
        return casts_doubt(self.flags)
