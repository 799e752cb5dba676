"""What a series' plots come to, told from points whose frontier is plain to see."""

from profiler.records import Axis, Point, ScatterPlot
from profiler.render.messages import load_messages
from profiler.report.conclusion import conclusions
from profiler.report.scatter import frontier

FLOPS = Axis(metric="flops", unit="G", convention="flops")
PARAMS = Axis(metric="params", unit="M", convention="flops")
LATENCY = Axis(metric="latency", unit="ms", hw="T4", precision="fp32", batch_size=4,
               source="published")  # fmt: skip
TOP1 = Axis(metric="top1", unit="")


def plot(axis: Axis, **at: tuple[float, float]) -> ScatterPlot:
    flags = frontier(list(at.values()))
    points = tuple(
        Point(label=name, family="f", x=x, y=y, on_frontier=flag)
        for (name, (x, y)), flag in zip(at.items(), flags, strict=True)
    )
    return ScatterPlot(name="p", title="t", x_axis=axis, y_axis=TOP1, points=points, families=())


def said(*plots: ScatterPlot, language: str = "en", labels: dict[str, str] | None = None) -> str:
    names = {point.label: point.label for each in plots for point in each.points}
    messages = load_messages(language)
    return " ".join(conclusions(plots, labels or names, messages))


def test_frontiers_beaten_ones_and_what_accuracy_costs() -> None:
    flops = plot(FLOPS, a=(1.0, 0.70), b=(4.0, 0.795), c=(8.0, 0.80), d=(9.0, 0.75))
    params = plot(PARAMS, a=(2.0, 0.70), b=(9.0, 0.795), c=(5.0, 0.80), d=(6.0, 0.75))
    latency = plot(LATENCY, a=(1.0, 0.70), b=(2.0, 0.795), c=(3.0, 0.80))
    assert said(flops, params, latency) == (
        "On the Pareto frontier of accuracy against each of FLOPs, parameters and published "
        "latency (T4, FP32, batch size 4): a, c. "
        "c, the most accurate (0.800), has 8 times the FLOPs, 2.5 times the parameters and 3 times "
        "the published latency (T4, FP32, batch size 4) of a (0.700), which has the fewest FLOPs. "
        "b (0.795) comes within 0.01 of c at 50% of its FLOPs."
    )
    assert "On none of these frontiers: d." in said(flops, params)


def test_a_model_without_a_latency_is_in_no_ratio_of_it() -> None:
    text = said(plot(FLOPS, a=(1.0, 0.7), b=(2.0, 0.8)), plot(LATENCY, b=(2.0, 0.8), c=(3.0, 0.85)))
    assert "has 2 times the FLOPs of a" in text


def test_nothing_is_concluded_from_one_model_or_none() -> None:
    assert said(plot(FLOPS, a=(1.0, 0.7))) == ""
    assert said(plot(FLOPS)) == ""
    assert said() == ""
    assert "T4" not in said(plot(FLOPS, a=(1.0, 0.7), b=(2.0, 0.8)), plot(LATENCY, a=(1.0, 0.7)))


def test_the_cheapest_may_be_the_best() -> None:
    text = said(plot(FLOPS, a=(1.0, 0.8), b=(2.0, 0.7)))
    assert text == (
        "On the Pareto frontier of accuracy against FLOPs: a. Beaten by another model, which costs "
        "no more and is at least as accurate: b. a is the most accurate and has the fewest FLOPs."
    )


def test_ties_stand_together_and_are_decided_by_cost() -> None:
    twins = said(plot(FLOPS, b=(1.0, 0.8), a=(1.0, 0.8)))
    assert "against FLOPs: a, b." in twins or "against FLOPs: b, a." in twins
    assert "a is the most accurate" in twins
    tied = said(plot(FLOPS, a=(1.0, 0.7), b=(3.0, 0.8), c=(2.0, 0.8)))
    assert "c, the most accurate (0.800), has 2 times the FLOPs of a" in tied


def test_no_model_may_be_on_all_frontiers() -> None:
    text = said(plot(FLOPS, a=(1.0, 0.8), b=(2.0, 0.7)), plot(PARAMS, a=(2.0, 0.6), b=(1.0, 0.7)))
    assert text.startswith(
        "No model is on the Pareto frontier of accuracy against all of FLOPs and"
    )


def test_a_cost_of_nothing_has_no_ratio() -> None:
    assert " times " not in said(plot(FLOPS, a=(0.0, 0.7), b=(2.0, 0.8)))


def test_one_label_for_two_models_is_told_as_it_is() -> None:
    labels = {"a": "Net", "b": "Net"}
    text = said(plot(FLOPS, a=(1.0, 0.7), b=(4.0, 0.9)), labels=labels)
    assert "Net, the most accurate (0.900), has 4 times the FLOPs of Net (0.700)" in text


def test_long_lists_are_cut() -> None:
    points = {f"m{index}": (float(index), index / 100) for index in range(1, 51)}
    text = said(plot(FLOPS, **points))
    assert "m1, m2, m3, m4, m5 and 45 more." in text
    assert "另有 45 个" in said(plot(FLOPS, **points), language="zh_CN")
