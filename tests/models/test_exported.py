"""Programs that torch.export saved."""

import pytest
import torch
from torch import nn

import archs
from profiler.counting.counts import count
from profiler.errors import BuildError, TraceError, UsageError
from profiler.records import Input
from profiler.timing.loop.jobs import shareable
from profiler.tracing.addressed import trace_address


class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(10, 8)
        self.block = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)

    def forward(self, ids, *, scale):
        return self.block(self.table(ids)) * scale


def exported(path, model, *args, **kwargs):
    program = torch.export.export(model.eval(), args, kwargs)
    torch.export.save(program, path)
    return str(path)


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_it_counts_as_what_it_was_exported_from(tmp_path):
    address = exported(tmp_path / "g.pt2", archs.create("googlenet"), torch.zeros(1, 3, 224, 224))
    found = count(trace_address(address), "flops")
    # expected_counts.csv
    assert (found.totals.flops, found.totals.params) == (2_863_112_704, 6_991_272)
    own = count(trace_address("googlenet"), "flops")
    assert {row.path for row in found.layers} >= {row.path for row in own.layers if row.params}
    with pytest.raises(TraceError, match=r"224.*--input"):
        trace_address(address, crop_size=64)


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_its_inputs_are_those_it_was_exported_with(tmp_path):
    ids = torch.zeros(2, 5, dtype=torch.long)
    address = exported(tmp_path / "words.pt2", Words(), ids, scale=torch.ones(1))
    trace = trace_address(address)
    assert trace.inputs[0].dtype == "int64"
    assert trace.input_shapes == {"0": (2, 5), "scale": (1,)}
    given = [Input(shape=(2, 5), kind="tokens"), Input(shape=(1,), name="scale")]
    assert (
        count(trace, "flops").totals.flops
        == count(trace_address(address, inputs=given), "flops").totals.flops
    )
    with pytest.raises(UsageError, match="takes no single image"):
        trace_address(address, crop_size=64)


def test_what_is_no_such_file_is_one_line(tmp_path, capfd):
    (tmp_path / "no.pt2").write_text("import torch")
    torch.save({"a": 1}, tmp_path / "other.pt2")
    for name, why in (
        ("no.pt2", "torch.export.save"),
        ("none.pt2", "there is no file"),
        ("other.pt2", r"wrote: torch \S+ can't read what is in it$"),
    ):
        with pytest.raises(BuildError, match=why) as caught:
            trace_address(str(tmp_path / name))
        assert "\n" not in str(caught.value)
    assert capfd.readouterr() == ("", "")
    for options in ({"options": {"width": 2}}, {"variant": "train"}):
        with pytest.raises(UsageError):
            trace_address(str(tmp_path / "no.pt2"), **options)


def test_its_folder_stays_private(tmp_path):
    assert str(tmp_path) not in shareable(str(tmp_path / "net.pt2"))
    assert shareable("net.pt2") == "net.pt2"
