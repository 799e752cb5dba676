"""Run by itself: counts models that look at values as inprof does and as FlopCounterMode does.

Prints JSON: name → the run that the trace is of, both figures, and what has no rule.
"""

import importlib
import json
import sys
import warnings

import torch
import torchvision_ops  # before torchvision
from torch.utils.flop_counter import FlopCounterMode

from profiler.counting.counts import count
from profiler.tracing.tracer import trace

transformers = importlib.import_module("transformers")
detection = importlib.import_module("torchvision.models.detection")

SMALL = {
    "vocab_size": 64, "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2,
    "num_attention_heads": 4, "attn_implementation": "eager",
}  # fmt: skip
EXPERTS = {"num_key_value_heads": 2, "num_local_experts": 4, "num_experts_per_tok": 2}


def detector(build):
    image = torch.rand(3, 160, 192, generator=torch.Generator().manual_seed(0))
    return build(weights=None, weights_backbone=None, num_classes=5), ([image],)


def language_model(config, **settings):
    tokens = torch.arange(2, 26).reshape(2, 12)
    made = transformers.AutoConfig.for_model(config, **{**SMALL, **settings})
    return transformers.AutoModel.from_config(made), {"input_ids": tokens}


MODELS = {
    "ssdlite": lambda: detector(detection.ssdlite320_mobilenet_v3_large),
    "fasterrcnn": lambda: detector(detection.fasterrcnn_mobilenet_v3_large_320_fpn),
    "fcos": lambda: detector(detection.fcos_resnet50_fpn),
    "bert": lambda: language_model("bert"),
    "llama": lambda: language_model("llama", num_key_value_heads=2),
    "mixtral": lambda: language_model("mixtral", **EXPERTS),
    "bart": lambda: language_model(
        "bart", d_model=32, encoder_layers=1, decoder_layers=1, encoder_ffn_dim=64,
        decoder_ffn_dim=64, encoder_attention_heads=4, decoder_attention_heads=4,
    ),
    "mamba": lambda: language_model("mamba", state_size=8),
    "gpt2": lambda: language_model("gpt2", n_embd=32, n_layer=2, n_head=4),
}  # fmt: skip


def figures(make):
    torch.manual_seed(0)
    model, given = make()
    model.eval()
    traced = trace(model, given)
    counted = count(traced, "torch")
    args, kwargs = ((), given) if isinstance(given, dict) else (given, {})
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(*args, **kwargs)
    return {"values": traced.values, "ours": counted.totals.flops,
            "theirs": counter.get_total_flops(),
            "uncounted": sorted({op.function for op in counted.uncounted})}  # fmt: skip


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    torchvision_ops.give_values()
    sys.stdout.write(json.dumps({name: figures(make) for name, make in MODELS.items()}))
