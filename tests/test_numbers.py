"""Results compute, compare, convert and match like the integers that they are."""

from __future__ import annotations

import copy
import json
import math
import operator
import pickle
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from numbers import Integral, Number
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import xous_sim as xs

GENERATED = settings(deadline=None, max_examples=30)
WORDS = st.integers(0, 40) | st.sampled_from([2**31, 2**32 - 1])
OTHERS = (
    st.integers(-9, 40)
    | st.booleans()
    | st.floats(-40, 40, width=16)
    | st.sampled_from([math.inf, -math.inf, math.nan, 0.5, 2**32, 2**64, 2**70, -(2**70)])
    | st.fractions(-3, 3, max_denominator=4)
    | st.decimals(-3, 3, places=1)
    | st.just(complex(1, 1))
)
TWO_SIDED: dict[str, Callable[[Any, Any], object]] = {
    name: getattr(operator, name)
    for name in (
        *("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "lshift", "rshift", "and_", "or_", "xor"),
        *("eq", "ne", "lt", "le", "gt", "ge"),
    )
} | {"divmod": divmod}
ONE_SIDED: dict[str, Callable[[Any], object]] = {
    "neg": operator.neg,
    "pos": operator.pos,
    "invert": operator.invert,
    "abs": abs,
    "index": operator.index,
    "int": int,
    "float": float,
    "complex": complex,
    "bool": bool,
    "round": round,
    "round to tens": lambda n: round(n, -1),
    "floor": math.floor,
    "ceil": math.ceil,
    "trunc": math.trunc,
    "hash": hash,
    "repr": repr,
    "str": str,
    "format": "{:04x}".format,
    "percent": lambda n: "%d %x %s" % (n, n, n),  # noqa: UP031
    "bit_length": lambda n: n.bit_length(),
    "to_bytes": lambda n: n.to_bytes(4, "little"),
    "numerator": lambda n: (n.numerator, n.denominator, n.real, n.imag),
    "sqrt": math.sqrt,
    "Fraction": Fraction,
    "as a key": lambda n: {n: "found"}.get(int(n)),
    "in a list": lambda n: [int(n)].index(n),
    "sum": lambda n: sum([n, n]),
    "max": lambda n: int(max(n, 7)),
    "modular power": lambda n: pow(n, 3, 7),
    "isinstance": lambda n: (isinstance(n, int), isinstance(n, bool), isinstance(n, (str, float))),
    "of a kind of number": lambda n: (isinstance(n, Number), isinstance(n, Integral)),
    "copy": lambda n: copy.copy(n) == n,
}


def value(word: int) -> xs.Value:
    """A result that is a number."""
    return xs.World().atomic_u32(word).load()


def outcome(operation: Callable[..., object], *operands: object) -> object:
    """What an operation gives, or which exception."""
    try:
        given = operation(*operands)
    except (ArithmeticError, TypeError, ValueError) as error:
        return type(error)
    return type(given), repr(given)


def small(name: str, *operands: object) -> bool:
    """Whether the result is one that can be computed in time."""
    return name not in ("pow", "lshift") or all(abs(complex(n).real) < 100 for n in operands if n == n)  # type: ignore[call-overload]


@GENERATED
@given(word=WORDS, other=OTHERS)
@example(word=1, other=1.0)
@example(word=0, other=-0.0)
@example(word=2**32 - 1, other=float(2**32 - 1))
def test_a_result_computes_and_compares_like_an_int_on_both_sides(word: int, other: Any) -> None:
    for name, operation in TWO_SIDED.items():
        if small(name, word, other):
            assert outcome(operation, value(word), other) == outcome(operation, word, other), name
            assert outcome(operation, other, value(word)) == outcome(operation, other, word), name


@GENERATED
@given(word=WORDS, other=WORDS)
def test_two_results_compute_and_compare_like_two_ints(word: int, other: int) -> None:
    for name, operation in TWO_SIDED.items():
        if small(name, word, other):
            assert outcome(operation, value(word), value(other)) == outcome(operation, word, other), name


@GENERATED
@given(word=WORDS)
def test_a_result_converts_like_an_int(word: int) -> None:
    for name, operation in ONE_SIDED.items():
        assert outcome(operation, value(word)) == outcome(operation, word), name


@pytest.mark.parametrize("operation", TWO_SIDED.values(), ids=TWO_SIDED)
@pytest.mark.parametrize("other", ["text", None, [1], object()], ids=["text", "None", "a list", "an object"])
def test_what_no_int_computes_with_no_result_does(operation: Callable[..., object], other: object) -> None:
    for operands, expected in [((value(3), other), (3, other)), ((other, value(3)), (other, 3))]:
        assert outcome(operation, *operands) == outcome(operation, *expected)


@GENERATED
@given(word=st.integers(0, 6), other=OTHERS)
def test_a_traced_body_computes_and_compares_as_without_an_explorer(word: int, other: Any) -> None:
    names = [name for name in TWO_SIDED if small(name, word, other)]
    expected = [[outcome(TWO_SIDED[name], *pair) for name in names] for pair in ((word, other), (other, word))]
    found: list[list[list[object]]] = []

    def scenario(world: xs.World) -> None:
        app, n = world.process("app"), world.atomic_u32(word)

        def body() -> None:
            n.load()
            computed = [[outcome(TWO_SIDED[name], n.load(), other) for name in names]]
            computed.append([outcome(TWO_SIDED[name], other, n.load()) for name in names])
            found.append(computed)

        app.spawn(body)

    assert xs.explore(scenario).verdict == "sound"
    assert found[-1] == expected


def kind(number: object) -> str:
    """What a match statement takes a result for."""
    match number:
        case bool():
            return "a bool"
        case 3:
            return "three"
        case int(small) if small < 10:
            return f"{small}, which is small"
        case int():
            return "large"
    return "no number"


@pytest.mark.parametrize("word", [3, 5, 11])
def test_results_match_like_ints(word: int) -> None:
    seen: set[str] = set()

    def scenario(world: xs.World) -> None:
        app, n = world.process("app"), world.atomic_u32(word)
        app.spawn(lambda: seen.add(kind(n.load())))

    assert xs.explore(scenario).verdict == "sound"
    assert seen == {kind(word)} == {kind(value(word))}


def test_asking_whether_a_result_is_an_int_does_not_look_at_it() -> None:
    def scenario(world: xs.World) -> None:
        world.process("app").spawn(lambda: isinstance(world.choose(50), int) or 1 / 0)

    assert xs.explore(scenario).body_runs == 1


def test_comparing_with_a_whole_float_looks_at_the_comparison_only() -> None:
    def scenario(world: xs.World) -> None:
        world.process("app").spawn(lambda: world.choose(50) == 7.0 and None)

    assert xs.explore(scenario).body_runs == 3


@pytest.mark.parametrize("pick", [lambda v: [*"abc"][v], lambda v: "abc"[v:], lambda v: [*range(v)], lambda v: chr(v)])
def test_a_result_is_an_index(pick: Callable[[Any], object]) -> None:
    assert pick(value(1)) == pick(1)


@pytest.mark.parametrize(
    "use",
    [
        lambda world, app, v: world.choose(v),
        lambda world, app, v: app.map_memory(v),
        lambda world, app, v: xs.World().process("x").spawn(print, times=v),
        lambda world, app, v: world.deaths(at_most=v),
        lambda world, app, v: xs.Random(max_schedules=v),
    ],
)
def test_a_setting_must_be_known_and_is_no_result(use: Callable[[xs.World, xs.Process, Any], object]) -> None:
    world = xs.World()
    with pytest.raises(xs.MisuseError, match="int"):
        use(world, world.process("app"), world.choose(1))


def test_json_names_the_way_out() -> None:
    with pytest.raises(TypeError):
        json.dumps(value(1))
    assert json.dumps(int(value(1))) == "1"


def test_a_result_is_pickled_as_the_number_that_it_is() -> None:
    assert pickle.loads(pickle.dumps([value(7)])) == [7]
    assert type(pickle.loads(pickle.dumps(value(7)))) is int


@pytest.mark.parametrize("other", [0, xs.KernelError.SERVER_NOT_FOUND, True])
def test_a_whole_result_is_not_compared_with_a_number(other: object) -> None:
    result = xs.World().process("app").disconnect(7)
    for compare in (operator.eq, operator.ne):
        with pytest.raises(xs.MisuseError, match=r"compare what it \.unwrap\(\)s to, or its \.error\(\)"):
            compare(result, other)
    assert result == result
    assert result != "text"


def test_decimals_and_fractions_compute_with_results() -> None:
    assert Decimal(1) + int(value(2)) == Decimal(3)
    half: Any = Fraction(1, 2)
    assert half + value(2) == Fraction(5, 2)
