"""What ``inprof time`` measures: the models that were named, and the inputs that they take."""

from __future__ import annotations

from pathlib import Path

import click
from msgspec.structs import replace

from profiler import units
from profiler.catalog import load_series
from profiler.cli.options import check_models, is_one_batch
from profiler.errors import UsageError
from profiler.models.address import (
    check_address,
    check_model_file,
    is_built_in,
    is_model_file,
    zoo_of,
)
from profiler.models.arguments import argument_texts, built_with, input_text
from profiler.records import OWN_SIZE, Input, Shape
from profiler.timing.loop.jobs import Request, TimedModel, shareable
from profiler.timing.loop.processes import own_inputs
from profiler.tracing.addressed import input_shape, usual_input_shape


def timed_models(
    addresses: tuple[str, ...],
    series_name: str | None,
    series_paths: tuple[Path, ...],
    size: int | None,
    options: dict[str, object],
    inputs: tuple[Input, ...],
) -> tuple[TimedModel, ...]:
    """The models that are named, with sizes of ``OWN_SIZE`` where only they can say them.

    Raises:
        UsageError: none is named, or models beside a series; arguments are given to a file.
        UnknownNameError: no architecture, or no series, of that name.
        BuildError: there is no such file.
    """
    check_models(addresses, series_name, "name what to time: --model ADDRESS or --series NAME")
    if addresses:
        named = [(_name(address), address, size) for address in dict.fromkeys(addresses)]
    else:
        series = load_series(series_name or "", series_paths)
        named = [(each.name, each.address, size or each.crop_size) for each in series.models]
    arguments = argument_texts(options)
    models = []
    for name, address, side in named:
        check_address(address)
        if is_model_file(address):
            check_model_file(address, options=options)
        models.append(
            TimedModel(
                name=built_with(name, arguments),
                address=address,
                variant="deploy",
                input_shape=inputs[0].shape if inputs else _image(address, side),
                arguments=arguments,
                inputs=() if is_one_batch(inputs) else inputs,
            )
        )
    return tuple(models)


def _name(address: str) -> str:
    return address.lower() if is_built_in(address) else shareable(address)


def _image(address: str, size: int | None) -> Shape:
    """One image, with what is known of it; nothing is for a file that states what it takes."""
    if is_built_in(address):
        return input_shape(address, 1, size)
    return () if is_model_file(address) and size is None else (1, OWN_SIZE, *[size or OWN_SIZE] * 2)


def sized_models(request: Request) -> tuple[TimedModel, ...]:
    """The models with the sizes they state; they are asked in a process that they may end.

    Raises:
        UsageError: a file takes what is no batch of images, in a batch that was not asked for.
    """
    unsized = [each for each in request.models if not all(each.input_shape or (OWN_SIZE,))]
    told = dict(zip(map(id, unsized), own_inputs(unsized), strict=True))
    models = []
    for model in request.models:
        stated = told.get(id(model))
        if stated is None:
            models.append(model)
        elif not stated or is_one_batch(stated):
            shape = stated[0].shape if stated else usual_input_shape(1, _side(model))
            if shape == usual_input_shape() and not (_side(model) or _states_sizes(model.address)):
                click.echo(
                    f"{model.name} is given {units.shape(shape[1:])}: it states no other size "
                    "(--size and --input do)",
                    err=True,
                )
            models.append(replace(model, input_shape=shape))
        elif set(request.batch_sizes) != {stated[0].shape[0]}:
            given = " ".join(f"--input {input_text(each)}" for each in stated)
            raise UsageError(f"{model.address} takes one batch alone: {given}")
        else:
            models.append(replace(model, input_shape=stated[0].shape, inputs=stated))
    return tuple(models)


def _states_sizes(address: str) -> bool:
    """Whether its kind of address always says what the model takes."""
    return bool(zoo_of(address)) or is_model_file(address)


def _side(model: TimedModel) -> int | None:
    """The input side that was asked for, if any."""
    return model.input_shape[-1] or None if model.input_shape else None
