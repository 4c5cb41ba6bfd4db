"""Graphs that look like attention and are none, or none that one kernel computes: each departs from a plain one in a single
thing. None may be fused, and all must compute what they say."""

from collections.abc import Callable

import numpy as np

from graph import Graph

BATCH, HEADS, LENGTH, KEYS, SIZE = 2, 3, 6, 6, 8
Negative = Callable[[Graph], list[str]]
NEGATIVES: dict[str, Negative] = {}


def negative(function: Negative) -> Negative:
    NEGATIVES[function.__name__] = function
    return function


def inputs(g: Graph, keys: int = KEYS, batch: int = BATCH) -> tuple[str, str, str]:
    return tuple(g.input(n, g.tensor(batch, HEADS, length, SIZE), {0: "batch"})
                 for n, length in (("q", LENGTH), ("k", keys), ("v", keys)))


def scores(g: Graph, q: str, k: str) -> str:
    return g.op("Mul", g.op("MatMul", q, g.transpose(k, 0, 1, 3, 2)), g.const(SIZE**-0.5))


def between(g: Graph, change: Callable[[str], str]) -> list[str]:
    """`change` is made to the scores."""
    q, k, v = inputs(g)
    return [g.op("MatMul", g.softmax(change(scores(g, q, k))), v)]


def after(g: Graph, change: Callable[[str], str]) -> list[str]:
    """`change` is made to the probabilities."""
    q, k, v = inputs(g)
    return [g.op("MatMul", change(g.softmax(scores(g, q, k))), v)]


@negative
def softmax_over_heads(g):
    q, k, v = inputs(g)
    return [g.op("MatMul", g.softmax(scores(g, q, k), axis=1), v)]


@negative
def softmax_over_queries(g):
    q, k, v = inputs(g)
    return [g.op("MatMul", g.softmax(scores(g, q, k), axis=2), v)]


@negative
def products_are_also_a_result(g):
    q, k, v = inputs(g)
    s = g.op("MatMul", q, g.transpose(k, 0, 1, 3, 2))
    return [g.op("MatMul", g.softmax(g.op("Mul", s, g.const(0.3))), v), s]


@negative
def scores_are_also_a_result(g):
    q, k, v = inputs(g)
    s = scores(g, q, k)
    return [g.op("MatMul", g.softmax(s), v), s]


@negative
def scores_have_a_second_reader(g):
    q, k, v = inputs(g)
    s = scores(g, q, k)
    return [g.op("MatMul", g.softmax(s), v), g.op("ReduceSum", s, g.ints(-1))]


@negative
def probabilities_are_also_a_result(g):
    q, k, v = inputs(g)
    p = g.softmax(scores(g, q, k))
    return [g.op("MatMul", p, v), p]


@negative
def probabilities_have_a_second_reader(g):
    q, k, v = inputs(g)
    p = g.softmax(scores(g, q, k))
    return [g.op("MatMul", p, v), g.op("ReduceMean", p, g.ints(1))]


@negative
def probabilities_weigh_two_values(g):
    q, k, v = inputs(g)
    p = g.softmax(scores(g, q, k))
    return [g.op("MatMul", p, v), g.op("MatMul", p, k)]


@negative
def scale_per_key(g):
    return between(g, lambda s: g.op("Mul", s, g.const(g.tensor(KEYS))))


@negative
def scale_per_query(g):
    return between(g, lambda s: g.op("Mul", s, g.const(g.tensor(LENGTH, 1))))


@negative
def scale_per_head(g):
    return between(g, lambda s: g.op("Div", s, g.const(g.rng.random((HEADS, 1, 1)) + 1)))


@negative
def scores_divide(g):
    return between(g, lambda s: g.op("Div", g.const(1.0), g.op("Add", s, g.const(9.0))))


@negative
def scores_are_subtracted(g):
    return between(g, lambda s: g.op("Sub", g.const(1.0), s))


@negative
def relu_of_scores(g):
    return between(g, lambda s: g.op("Relu", s))


@negative
def exponential_of_scores(g):
    return between(g, lambda s: g.op("Exp", s))


@negative
def sigmoid_of_scores(g):
    return between(g, lambda s: g.op("Sigmoid", s))


@negative
def absolute_scores(g):
    return between(g, lambda s: g.op("Abs", s))


@negative
def clipped_scores(g):
    return between(g, lambda s: g.op("Clip", s, g.const(-0.5), g.const(0.5)))


@negative
def squared_scores(g):
    return between(g, lambda s: g.op("Mul", s, s))


@negative
def tanh_that_is_no_cap(g):
    return between(g, lambda s: g.op("Tanh", s))


@negative
def cap_with_two_numbers(g):
    return between(g, lambda s: g.op("Mul", g.op("Tanh", g.op("Div", s, g.const(4.0))), g.const(3.0)))


@negative
def summand_inside_the_cap(g):
    def change(s: str) -> str:
        biased = g.op("Add", s, g.const(g.tensor(LENGTH, KEYS)))
        return g.op("Mul", g.op("Tanh", g.op("Div", biased, g.const(4.0))), g.const(4.0))
    return between(g, change)


@negative
def masked_by_a_tensor(g):
    keep = g.const(g.rng.random((LENGTH, KEYS)) < 0.5, bool)
    return between(g, lambda s: g.op("Where", keep, s, g.const(g.tensor(LENGTH, KEYS))))


@negative
def two_masks(g):
    keep = [g.const(g.rng.random((LENGTH, KEYS)) < 0.7, bool) for _ in range(2)]
    return between(g, lambda s: g.op("Where", keep[1], g.op("Where", keep[0], s, g.const(-2.0)), g.const(-3.0)))


@negative
def mask_between_summands(g):
    def change(s: str) -> str:
        inner = g.op("Add", s, g.const(g.tensor(LENGTH, KEYS)))
        masked = g.op("Where", g.const(g.rng.random((LENGTH, KEYS)) < 0.7, bool), inner, g.const(-2.0))
        return g.op("Add", masked, g.const(g.tensor(LENGTH, KEYS)))
    return between(g, change)


@negative
def scores_transposed(g):
    return between(g, lambda s: g.transpose(s, 0, 1, 3, 2))


@negative
def scores_plus_their_transpose(g):
    return between(g, lambda s: g.op("Add", s, g.transpose(s, 0, 1, 3, 2)))


@negative
def scores_reshaped(g):
    return between(g, lambda s: g.reshape(g.softmax(g.reshape(s, BATCH, HEADS, 3, 12)), BATCH, HEADS, LENGTH, KEYS))


@negative
def scores_sliced(g):
    q, k, v = inputs(g, keys=9)
    s = g.op("Slice", scores(g, q, k), g.ints(0), g.ints(5), g.ints(3))
    return [g.op("MatMul", g.softmax(s), g.op("Slice", v, g.ints(0), g.ints(5), g.ints(2)))]


@negative
def scores_lose_precision(g):
    return between(g, lambda s: g.op("Cast", g.op("Cast", s, to=10), to=1))


@negative
def summand_widens_the_batch(g):
    q, k, v = inputs(g, batch=1)
    s = g.op("Add", scores(g, q, k), g.const(g.tensor(2, 1, 1, KEYS)))
    return [g.op("MatMul", g.softmax(s), v)]


@negative
def probabilities_scaled(g):
    return after(g, lambda p: g.op("Mul", p, g.const(2.0)))


@negative
def probabilities_shifted(g):
    return after(g, lambda p: g.op("Add", p, g.const(0.1)))


@negative
def probabilities_masked(g):
    return after(g, lambda p: g.op("Where", g.const(g.rng.random((LENGTH, KEYS)) < 0.5, bool), p, g.const(0.0)))


@negative
def probabilities_transposed(g):
    return after(g, lambda p: g.transpose(p, 0, 1, 3, 2))


@negative
def guard_with_another_number(g):
    return after(g, lambda p: g.op("Where", g.op("IsNaN", p), g.const(1.0), p))


@negative
def guard_by_something_else(g):
    return after(g, lambda p: g.op("Where", g.op("Less", p, g.const(0.1)), g.const(0.0), p))


@negative
def probabilities_on_the_right(g):
    q, k, v = inputs(g)
    p = g.softmax(scores(g, q, k))
    return [g.op("MatMul", g.transpose(v, 0, 1, 3, 2), p)]


@negative
def log_softmax(g):
    q, k, v = inputs(g)
    return [g.op("MatMul", g.op("LogSoftmax", scores(g, q, k), axis=-1), v)]


@negative
def hardmax(g):
    q, k, v = inputs(g)
    return [g.op("MatMul", g.op("Hardmax", scores(g, q, k), axis=-1), v)]


@negative
def softmax_over_several_dims(g):
    g.opset = 11
    q, k, v = inputs(g)
    s = g.op("Mul", g.op("MatMul", q, g.transpose(k, 0, 1, 3, 2)), g.const(0.3))
    return [g.op("MatMul", g.softmax(s, axis=2), v)]


@negative
def rows_of_an_unknown_mask(g):
    """Scores of one query may become those of many, each with a row of the mask."""
    q = g.input("q", g.tensor(BATCH, HEADS, 1, SIZE), {0: "batch", 2: "queries"})
    k, v = (g.input(n, g.tensor(BATCH, HEADS, KEYS, SIZE), {0: "batch"}) for n in "kv")
    mask = g.input("mask", g.tensor(BATCH, 1, LENGTH, KEYS), {0: "batch", 2: "rows"})
    g.values[0].type.tensor_type.shape.dim[2].dim_param = "queries"
    g.values[-1].type.tensor_type.shape.dim[2].dim_param = "rows"
    return [g.op("MatMul", g.softmax(g.op("Add", scores(g, q, k), mask)), v)]


@negative
def columns_that_change_the_scores(g):
    """One key's scores become those of as many columns as the mask has; the values have as many rows."""
    q, k, v = inputs(g)
    k = g.input("one", g.tensor(BATCH, HEADS, 1, SIZE))
    mask = g.input("mask", g.tensor(BATCH, 1, 1, KEYS), {0: "batch", 3: "columns"})
    g.values[-1].type.tensor_type.shape.dim[3].dim_param = "columns"
    return [g.op("MatMul", g.softmax(g.op("Add", scores(g, q, k), mask)), v)]


def build(name: str):
    g = Graph(seed=sorted(NEGATIVES).index(name))
    outputs = NEGATIVES[name](g)
    return g.model(*outputs), g.arrays
