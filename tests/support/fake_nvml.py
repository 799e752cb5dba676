"""A stand-in for pynvml: one GPU whose answers are data; any other question fails as NVML does."""

import types
from typing import Any

UUID = "8932f937-d72c-4106-c12f-20bd9faed9f6"

#: What a healthy board answers, by the function's name and its argument after the handle.
BOARD: dict[tuple[Any, ...], Any] = {
    ("nvmlSystemGetDriverVersion",): "570.86.15",
    ("nvmlDeviceGetClockInfo", 1): 1755,
    ("nvmlDeviceGetClockInfo", 2): 2619,
    ("nvmlDeviceGetPowerUsage",): 312_345,
    ("nvmlDeviceGetTemperature", 0): 41,
    ("nvmlDeviceGetPerformanceState",): 0,
    ("nvmlDeviceGetCurrentClocksEventReasons",): 0x4,
    ("nvmlDeviceGetComputeRunningProcesses",): [],
    ("nvmlDeviceGetGraphicsRunningProcesses",): [],
    ("nvmlDeviceGetVbiosVersion",): b"96.00.A5.00.01",
    ("nvmlDeviceGetEnforcedPowerLimit",): 650_000,
    ("nvmlDeviceGetPowerManagementDefaultLimit",): 700_000,
    ("nvmlDeviceGetMaxClockInfo", 1): 1980,
    ("nvmlDeviceGetMaxClockInfo", 2): 2619,
    ("nvmlDeviceGetApplicationsClock", 1): 1980,
    ("nvmlDeviceGetApplicationsClock", 2): 2619,
    ("nvmlDeviceGetDefaultApplicationsClock", 1): 1980,
    ("nvmlDeviceGetEccMode",): [1, 1],
    ("nvmlDeviceGetMigMode",): [0, 0],
    ("nvmlDeviceGetPersistenceMode",): 1,
    ("nvmlDeviceGetCurrPcieLinkGeneration",): 1,
    ("nvmlDeviceGetCurrPcieLinkWidth",): 16,
    ("nvmlDeviceGetMaxPcieLinkGeneration",): 5,
    ("nvmlDeviceGetMaxPcieLinkWidth",): 16,
    ("nvmlDeviceGetSerial",): "1320221012345",
    ("nvmlDeviceGetUUID",): f"GPU-{UUID}",
}


class NVMLError(Exception):
    """As pynvml's."""


def process(pid: int) -> types.SimpleNamespace:
    """An entry of a list of running processes."""
    return types.SimpleNamespace(pid=pid, usedGpuMemory=None)


def fake_nvml(
    answers: dict[tuple[Any, ...], Any], uuid: bytes = f"GPU-{UUID}".encode()
) -> types.ModuleType:
    """The module; a function without any answer is missing, one without this answer fails."""
    nvml: Any = types.ModuleType("pynvml")
    nvml.NVMLError = NVMLError
    nvml.nvmlInit = lambda: None

    def by_uuid(asked: bytes) -> str:
        if asked != uuid:
            raise NVMLError("Not Found")
        return "handle"

    def function(name: str) -> Any:
        def ask(*arguments: Any) -> Any:
            if arguments[:1] == ("handle",):
                arguments = arguments[1:]
            if (name, *arguments) not in answers:
                raise NVMLError("Not Supported")
            return answers[(name, *arguments)]

        return ask

    nvml.nvmlDeviceGetHandleByUUID = by_uuid
    for name in {key[0] for key in answers}:
        setattr(nvml, name, function(name))
    return nvml
