"""The rule about input sizes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from profiler.docs.lint.columns import RESIZE
from profiler.docs.lint.contradictions import Agreement
from profiler.docs.lint.facts import AllFacts, SizeFact, read_facts
from profiler.docs.lint.finding import LintFinding, Place, rule
from profiler.docs.lint.page import Page

#: So many sizes of other models have to agree, and more than contradict: on two pages more,
#: because a model can well be shown at another size elsewhere.
_FEWEST_ON_A_PAGE = 2
_FEWEST_ELSEWHERE = 3
_TIMES_ELSEWHERE = 4
#: So many tables are tried.
_MOST_TRIED = 50

_Key = tuple[str, str, str]


@rule("input-size-differ", "warning")
def input_size_differ(pages: Sequence[Page]) -> Iterator[LintFinding]:
    """A model whose input size differs between tables whose other sizes agree."""
    facts = read_facts(pages)
    by_table = _by_table(facts)
    groups: dict[_Key, list[SizeFact]] = {}
    for stated in by_table.values():
        for key, size in stated.items():
            groups.setdefault(key, []).append(size)
    found: set[tuple[Place, Place]] = set()
    # the size to which images are brought before they are cropped goes with that of the crop
    for key in sorted(groups, key=lambda key: key[0] == RESIZE):
        sizes = groups[key]
        if len({size.size for size in sizes}) == 1:
            continue
        counts = [sum(each.size == size.size for each in sizes) for size in sizes]
        for number, size in enumerate(sizes):
            better = (
                other
                for place, other in enumerate(sizes[:_MOST_TRIED])
                if other.size != size.size
                and (-counts[place], place) < (-counts[number], number)
                and _are_of_one_list(size, other, by_table)
            )
            other = next(better, None)
            if other is not None and (size.place, other.place) not in found:
                found.add((size.place, other.place))
                yield LintFinding(
                    rule="input-size-differ",
                    place=size.place,
                    evidence={
                        "model": size.model,
                        "heading": size.heading,
                        "figure": size.text,
                        "other": other.text,
                        "other_heading": other.heading,
                    },
                    others=(other.place,),
                )


def _by_table(facts: AllFacts) -> dict[int, dict[_Key, SizeFact]]:
    """The sizes of each table, without models that it gives several."""
    result: dict[int, dict[_Key, SizeFact]] = {}
    for table in facts.tables:
        several: set[_Key] = set()
        sizes: dict[_Key, SizeFact] = {}
        for size in table.sizes:
            key = size.kind, size.role, size.key
            if key in sizes:
                several.add(key)
            sizes[key] = size
        result[table.number] = {key: size for key, size in sizes.items() if key not in several}
    return result


def _are_of_one_list(
    size: SizeFact, other: SizeFact, by_table: dict[int, dict[_Key, SizeFact]]
) -> bool:
    sizes, others = by_table[size.table], by_table[other.table]
    common = [key for key in sizes if key in others]
    agree = sum(sizes[key].size == others[key].size for key in common)
    agreement = Agreement(agree, len(common) - agree)
    if size.place.path == other.place.path:
        return agreement.agree >= _FEWEST_ON_A_PAGE and agreement.differ < agreement.agree
    return agreement.agree >= max(_FEWEST_ELSEWHERE, _TIMES_ELSEWHERE * agreement.differ)
