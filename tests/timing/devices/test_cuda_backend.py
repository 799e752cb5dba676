"""How the CUDA backend uses torch.cuda: on a stand-in that logs, and on a GPU if there is one."""

import types
from collections.abc import Callable
from typing import Any

import pytest
import torch

from profiler.errors import MeasurementError
from profiler.records import Telemetry
from profiler.timing.devices import cuda
from profiler.timing.devices.backend import CaptureError
from profiler.timing.devices.cuda import CudaBackend

GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")


class FakeCuda:
    """What the backend needs of torch.cuda; every call goes into ``log``.

    ``end_fails`` makes ending a capture fail, as it does after an operation that can't be
    captured; the capture stream then stays the current one, as it does with the real class.
    """

    def __init__(self, end_fails: bool = False, external: bool = True) -> None:
        self.log: list[str] = []
        self.stream_now = "own"
        self.end_fails = end_fails
        fake = self

        class Event:
            def __init__(self, enable_timing: bool = False, **kinds: bool) -> None:
                if kinds and not external:
                    raise TypeError("unexpected keyword argument 'external'")
                assert enable_timing
                fake.log.append("external event" if kinds.get("external") else "event")

            def record(self) -> None:
                fake.log.append("record")

            def elapsed_time(self, end: object) -> float:
                return 1.5

        class Stream:
            def wait_stream(self, other: object) -> None:
                fake.log.append("side waits for own")

        class Graph:
            def replay(self) -> None:
                fake.log.append(f"replay on {fake.stream_now}")

        class Capture:
            def __init__(self, graph: Graph, stream: Stream) -> None:
                assert isinstance(stream, Stream)

            def __enter__(self) -> None:
                fake.log.append("begin")
                fake.stream_now = "capture"

            def __exit__(self, *error: object) -> None:
                fake.log.append("end")
                if fake.end_fails:
                    raise RuntimeError("operation failed due to a previous error during capture")
                fake.stream_now = "own"

        class OnStream:
            def __init__(self, stream: object) -> None: ...

            def __enter__(self) -> None:
                fake.stream_now = "side"

            def __exit__(self, *error: object) -> None:
                fake.stream_now = "own"

        self.names: dict[str, Any] = {
            "is_available": lambda: True,
            "current_device": lambda: 0,
            "get_device_properties": lambda device: types.SimpleNamespace(
                uuid="8932f937", L2_cache_size=1000
            ),
            "current_stream": lambda: types.SimpleNamespace(
                wait_stream=lambda other: self.log.append("own waits for side")
            ),
            "set_stream": self.set_stream,
            "synchronize": lambda: self.log.append("sync"),
            "Event": Event,
            "Stream": Stream,
            "stream": OnStream,
            "CUDAGraph": Graph,
            "graph": Capture,
            "reset_peak_memory_stats": lambda: self.log.append("reset"),
            "max_memory_allocated": lambda: 5000,
        }

    def set_stream(self, stream: object) -> None:
        self.stream_now = "own"

    def call(self) -> None:
        """A forward."""
        self.log.append(f"call on {self.stream_now}")


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[FakeCuda, CudaBackend]]:
    def put(**options: Any) -> tuple[FakeCuda, CudaBackend]:
        fake = FakeCuda(**options)
        for name, value in fake.names.items():
            monkeypatch.setattr(torch.cuda, name, value)
        monkeypatch.setattr(torch.version, "cuda", "12.8")
        monkeypatch.setattr(torch.version, "hip", None)
        monkeypatch.setattr(cuda.NvmlDevice, "find", lambda uuid: None)
        return fake, CudaBackend()

    return put


def test_events_exist_before_the_chunk_that_records_them(install):
    """The driver makes an event at its first record, so each is recorded once ahead."""
    fake, backend = install()
    events = backend.events(3)
    assert fake.log == ["event"] * 3 + ["record"] * 3
    fake.log.clear()
    backend.record(events[0])
    assert fake.log == ["record"]
    assert backend.elapsed_ms(events[0], events[1]) == 1.5


def test_events_for_the_inside_of_a_graph_are_recorded_there_alone(install):
    fake, backend = install()
    assert len(backend.events(2, inside_graph=True)) == 2
    assert fake.log == ["external event"] * 2


def test_a_pytorch_without_external_events_says_so(install):
    _, backend = install(external=False)
    backend.events(2)
    with pytest.raises(CaptureError, match=r"has no events for the inside of a graph"):
        backend.events(2, inside_graph=True)


def test_capture_warms_up_on_a_side_stream_and_replays_on_ours(install):
    fake, backend = install()
    replay = backend.capture(fake.call)
    assert fake.log == [
        "side waits for own",
        *["call on side"] * 3,
        "own waits for side",
        "begin",
        "call on capture",
        "end",
        *["replay on own"] * 3,
        "sync",
    ]
    fake.log.clear()
    replay()
    assert fake.log == ["replay on own"]


def failing_in_capture(fake: FakeCuda, error: Exception) -> Callable[[], None]:
    def call() -> None:
        fake.call()
        if fake.stream_now == "capture":
            raise error

    return call


@pytest.mark.parametrize("end_fails", [False, True])
def test_a_failed_capture_names_the_first_cause_and_leaves_our_stream(install, end_fails):
    fake, backend = install(end_fails=end_fails)
    error = RuntimeError("CUDA error: operation not permitted when stream is capturing\nmore")
    with pytest.raises(CaptureError) as caught:
        backend.capture(failing_in_capture(fake, error))
    assert str(caught.value) == (
        "the forward can't be captured as one CUDA graph: "
        "CUDA error: operation not permitted when stream is capturing"
    )
    assert fake.stream_now == "own"
    assert not [entry for entry in fake.log if entry.startswith("replay")]


def test_the_cause_is_not_looked_for_outside_the_capture(install):
    fake, backend = install()
    call = failing_in_capture(fake, RuntimeError("inner"))
    try:
        raise ValueError("outer")
    except ValueError:
        with pytest.raises(CaptureError, match="inner"):
            backend.capture(call)


@pytest.mark.parametrize("end_fails", [False, True])
def test_memory_that_runs_out_while_capturing_is_not_a_failed_capture(install, end_fails):
    fake, backend = install(end_fails=end_fails)
    with pytest.raises(torch.OutOfMemoryError):
        backend.capture(failing_in_capture(fake, torch.OutOfMemoryError("too much")))
    assert fake.stream_now == "own"


def test_a_call_that_fails_by_itself_is_not_a_failed_capture(install):
    fake, backend = install()

    def call() -> None:
        raise ValueError("shapes do not fit")

    with pytest.raises(ValueError, match="shapes"):
        backend.capture(call)
    assert fake.stream_now == "own"


def test_flush_overwrites_twice_the_cache_and_is_not_counted_as_the_models(install, monkeypatch):
    made: list[int] = []

    def empty(size: int, dtype: torch.dtype, device: str) -> torch.Tensor:
        assert device == "cuda"
        made.append(size)
        return torch.ones(size, dtype=dtype)

    _, backend = install()
    monkeypatch.setattr(cuda, "torch", types.SimpleNamespace(**{**vars(torch), "empty": empty}))
    assert backend.peak_bytes() == 5000
    backend.flush()
    backend.flush()
    assert made == [2000]
    assert backend.peak_bytes() == 3000
    assert not backend._evicting.any()


def test_telemetry_is_nvmls_or_none(install, monkeypatch):
    _, backend = install()
    assert backend.telemetry() is None
    state = Telemetry(at_s=0.0, sm_clock_mhz=1500)
    found: list[str] = []

    def find(uuid: str) -> types.SimpleNamespace:
        found.append(uuid)
        return types.SimpleNamespace(telemetry=lambda: state)

    monkeypatch.setattr(cuda.NvmlDevice, "find", find)
    assert CudaBackend().telemetry() == state
    assert found == ["8932f937"]


@pytest.mark.parametrize(
    ("version", "hip", "available", "said"),
    [
        (None, None, False, r"is built without CUDA; install a CUDA build, or measure on the CPU"),
        (None, "6.2", True, "built for ROCm"),
        ("12.8", None, False, "finds no CUDA device; check nvidia-smi and CUDA_VISIBLE_DEVICES"),
    ],
)
def test_without_a_gpu_one_line_says_what_to_do(monkeypatch, version, hip, available, said):
    monkeypatch.setattr(torch.version, "cuda", version)
    monkeypatch.setattr(torch.version, "hip", hip)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: available)
    with pytest.raises(MeasurementError, match=said) as caught:
        CudaBackend()
    assert "\n" not in str(caught.value)


@pytest.fixture
def matmul() -> Callable[[], torch.Tensor]:
    """A call that keeps a GPU busy for a while."""
    square = torch.ones(2048, 2048, device="cuda")

    def call() -> torch.Tensor:
        with torch.inference_mode():
            return square @ square

    return call


@GPU
def test_on_a_gpu_an_event_can_not_be_read_before_it_is_reached(matmul):
    backend = CudaBackend()
    start, end = backend.events(2)
    backend.synchronize()
    backend.record(start)
    for _ in range(200):
        matmul()
    backend.record(end)
    with pytest.raises(RuntimeError):
        backend.elapsed_ms(start, end)
    backend.synchronize()
    assert backend.elapsed_ms(start, end) > 0


@GPU
def test_on_a_gpu_a_replay_takes_what_the_call_takes(matmul):
    backend = CudaBackend()

    def span_ms(call: Callable[[], object]) -> float:
        start, end = backend.events(2)
        for _ in range(20):
            call()
        backend.synchronize()
        backend.record(start)
        for _ in range(100):
            call()
        backend.record(end)
        backend.synchronize()
        return backend.elapsed_ms(start, end)

    assert span_ms(backend.capture(matmul)) == pytest.approx(span_ms(matmul), rel=0.2)


@GPU
def test_on_a_gpu_a_replay_outlives_what_it_was_captured_from():
    backend = CudaBackend()
    result = torch.zeros(1 << 20, device="cuda")

    def captured() -> Callable[[], object]:
        ones = torch.ones(1 << 20, device="cuda")
        return backend.capture(lambda: result.add_(ones))

    replay = captured()
    torch.cuda.empty_cache()
    torch.full((1 << 22,), 7.0, device="cuda")
    result.zero_()
    replay()
    backend.synchronize()
    assert bool((result == 1).all())


@GPU
def test_on_a_gpu_events_inside_a_graph_can_be_timed(matmul):
    backend = CudaBackend()
    try:
        events = backend.events(3, inside_graph=True)
    except CaptureError as error:
        pytest.skip(str(error))

    def call() -> None:
        backend.record(events[0])
        matmul()
        backend.record(events[1])
        for _ in range(4):
            matmul()
        backend.record(events[2])

    replay = backend.capture(call)
    for _ in range(3):
        replay()
    backend.synchronize()
    first = backend.elapsed_ms(events[0], events[1])
    assert backend.elapsed_ms(events[1], events[2]) == pytest.approx(4 * first, rel=0.3)


@GPU
def test_on_a_gpu_cuda_works_on_after_a_failed_capture(matmul):
    backend = CudaBackend()
    with pytest.raises(CaptureError, match="can't be captured as one CUDA graph: "):
        backend.capture(lambda: float(matmul()[0, 0]))
    assert torch.cuda.current_stream() == torch.cuda.default_stream()
    assert float(matmul()[0, 0]) == 2048
    start, end = backend.events(2)
    backend.record(start)
    matmul()
    backend.record(end)
    backend.synchronize()
    assert backend.elapsed_ms(start, end) > 0
    backend.capture(matmul)()
    backend.flush()
    torch.cuda.empty_cache()
    backend.synchronize()


@GPU
def test_on_a_gpu_the_evicting_buffer_is_larger_than_the_cache():
    backend = CudaBackend()
    backend.reset_peak()
    backend.flush()
    backend.synchronize()
    size = backend._evicting.numel()
    assert size >= 2 * torch.cuda.get_device_properties(0).L2_cache_size > 0
    held = torch.ones(1 << 20, device="cuda")
    backend.reset_peak()
    peak = backend.peak_bytes()
    assert peak is not None
    assert held.nbytes <= peak < held.nbytes + size
