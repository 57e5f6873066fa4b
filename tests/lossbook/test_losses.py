"""Every row of the table of losses: values, gradients, and what holds for every loss."""

import inspect
import re
from itertools import product
from types import UnionType
from typing import Union, get_args, get_origin, get_type_hints

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

import lossbook
from lossbook import _blocks

from .losses import call, calls, rows

RTOL = {"float64": 1e-12, "float32": 2e-6}
NAMES = sorted(name for name in lossbook.__all__ if name.endswith("_grad"))

every_call = pytest.mark.parametrize(
    ("row", "shape", "options"), [pytest.param(*rest, id=name) for name, *rest in calls()]
)
every_row = pytest.mark.parametrize(
    "row", [pytest.param(row, id=f"{row.name}-{n}") for n, row in enumerate(rows())]
)
every_dtype = pytest.mark.parametrize("dtype", RTOL)


def assert_close(found, expected, dtype, loose=1.0):
    """Within rounding, of the value itself or of the largest beside it."""
    expected = np.asarray(expected)
    assert found.dtype == dtype
    assert found.shape == expected.shape
    rtol = loose * RTOL[dtype]
    finite = np.abs(expected[np.isfinite(expected)])
    np.testing.assert_allclose(found, expected, rtol=rtol, atol=rtol / 3 * max(1e-3, *finite, 0))


def first_call(row, options, **changes):
    """The call of a row with its last shape and first reduction, some of its arrays changed."""
    reduction = {"reduction": row.reductions[0]} if row.reductions[0] else {}
    return call(row, row.shapes[-1], {**options, **reduction}, **changes)


def is_array(x):
    return isinstance(x, np.ndarray)


def assert_same(one, arrays, plain):
    """Value and gradients are those of the plain arrays."""
    np.testing.assert_allclose(one.value(**arrays), one.value(**plain), rtol=1e-14)
    expected = one.grads(**plain)
    for name, grad in one.grads(**arrays).items():
        np.testing.assert_allclose(grad, expected[name], rtol=1e-14, atol=1e-16)


# values and gradients


@every_call
@every_dtype
def test_value_and_gradient_equal_the_reference(row, shape, options, dtype):
    one = call(row, shape, options, dtype)
    value, grads = one.reference()
    assert_close(one.value(), value, dtype, row.loose)
    for name, grad in one.grads().items():
        assert_close(grad, grads[name], dtype, row.loose)


@every_call
def test_gradient_equals_central_differences(row, shape, options):
    if not row.true_derivative:
        pytest.skip("PyTorch's gradient is not the derivative, and ours follows it")
    one = call(row, shape, options)
    for name, grad in one.grads().items():
        x, h = one.arrays[name], 1e-5
        differences = np.zeros(np.shape(x))
        for place in np.ndindex(np.shape(x)):
            step = np.zeros(np.shape(x))
            step[place] = h
            above, below = one.value(**{name: x + step}), one.value(**{name: x - step})
            differences[place] = np.sum(above - below) / (2 * h)
        np.testing.assert_allclose(grad, differences, rtol=1e-6, atol=5e-8)


@every_row
def test_gradient_is_zero_at_the_optimum(row):
    for options in row.options if row.optimum else []:
        one = first_call(row, options)
        for grad in one.grads(**row.optimum(one.arrays)).values():
            np.testing.assert_allclose(grad, 0, atol=1e-12)


@every_row
@every_dtype
def test_extreme_inputs_equal_the_reference(row, dtype):
    for options, extreme in product(row.options, row.extremes):
        given = {key: x for key, x in options.items() if not callable(x)}
        one = first_call(row, given, dtype=dtype, **extreme)
        value, grads = one.reference()
        assert_close(one.value(), value, dtype, row.loose)
        for name, grad in one.grads().items():
            assert_close(grad, grads[name], dtype, row.loose)


# what holds for every loss


@every_row
def test_inputs_are_left_alone(row):
    for options in row.options:
        one = first_call(row, options)
        arrays = [x for x in [*one.arrays.values(), *one.options.values()] if is_array(x)]
        before = [x.tobytes() for x in arrays]
        for x in arrays:
            x.flags.writeable = False
        one.value(), one.grads()
        assert [x.tobytes() for x in arrays] == before


@every_row
@pytest.mark.parametrize(
    "layout",
    [
        lambda x: np.asfortranarray(x),
        lambda x: np.repeat(x, 2, axis=-1)[..., ::2],
        lambda x: x[..., ::-1].copy()[..., ::-1],
        lambda x: x.tolist() if x.dtype == float else x,
    ],
    ids=["Fortran", "strided", "reversed", "list"],
)
def test_layout_in_memory_does_not_matter(row, layout):
    for options in row.options:
        one = first_call(row, options)
        laid_out = {name: layout(x) for name, x in one.arrays.items() if is_array(x) and x.ndim}
        assert_same(one, laid_out, one.arrays)


@every_row
def test_broadcast_views_are_taken(row):
    for options in row.options:
        one = first_call(row, options)
        views = {
            n: np.broadcast_to(x[:1], x.shape)
            for n, x in one.arrays.items()
            if is_array(x) and x.ndim
        }
        assert_same(one, views, {name: x.copy() for name, x in views.items()})


@every_row
def test_the_size_of_a_block_does_not_matter(row, monkeypatch):
    for options in row.options:
        one = first_call(row, options)
        value, grads = one.value(), one.grads()
        with monkeypatch.context() as patch:
            patch.setattr(_blocks, "BYTES", 32)
            patch.setattr(_blocks, "BYTES_OF_VECTORS", 32)
            np.testing.assert_allclose(one.value(), value, rtol=1e-14)
            for name, grad in one.grads().items():
                np.testing.assert_allclose(grad, grads[name], rtol=1e-14, atol=1e-16)


@every_row
@every_dtype
def test_an_empty_batch_has_sum_0_and_mean_nan(row, dtype):
    if row.empty is None:
        pytest.skip("a batch of this loss cannot be empty")
    for options, reduction in product(row.options, row.reductions):
        given = {**options, **({"reduction": reduction} if reduction else {})}
        one = call(row, row.empty, given, dtype)
        value = one.value()
        assert value.dtype == dtype
        if reduction == "none" or (reduction is None and value.ndim):
            assert value.size == 0
        else:
            assert np.isnan(value) if reduction in ("mean", "batchmean") else value == 0
        for name, grad in one.grads().items():
            assert grad.shape == one.arrays[name].shape
            assert grad.dtype == dtype


def is_of(value, kind):
    """Whether a value is of a type: of arrays and scalars, unions and tuples of them."""
    origin, inside = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        return any(is_of(value, each) for each in inside)
    if origin is tuple:
        inside = [*inside[:1]] * len(value) if inside[-1] is ... else inside
        pairs = zip(value, inside, strict=True)
        return all(is_of(*pair) for pair in pairs)
    return isinstance(value, origin or kind)


@every_row
@pytest.mark.parametrize("function", ["loss", "grad"])
def test_results_are_of_the_types_that_are_stated(row, function):
    name = row.name if function == "loss" else f"{row.name}_grad"
    if name == "adaptive_log_softmax_with_loss_grad":
        pytest.skip("the table has the pairs of matrices one by one")
    stated = get_type_hints(getattr(lossbook, name))["return"]
    for shape, reduction in product(row.shapes, row.reductions):
        reduced = {"reduction": reduction} if reduction else {}
        one = call(row, shape, {**row.options[0], **reduced})
        assert is_of(getattr(row, function)(**one.arrays, **one.options), stated)


def test_another_type_is_noticed():
    array, scalar = np.ones(1), np.float64(1)
    assert is_of(array, NDArray) and not is_of(scalar, NDArray)
    assert is_of((array, array), tuple[NDArray, NDArray])
    assert not is_of((array, scalar), tuple[NDArray, NDArray])
    assert is_of((array, array, array), tuple[NDArray, ...])
    assert not is_of((array, scalar), tuple[NDArray, ...])


# what is refused


@every_row
@pytest.mark.parametrize("function", ["value", "grads"])
def test_integers_are_refused_where_floats_are_due(row, function):
    if row.integers:
        pytest.skip("0 and 1 are probabilities")
    name = row.learnt[0]
    one = first_call(row, row.options[0])
    integers = {name: np.ones(one.arrays[name].shape, int)}
    with pytest.raises(TypeError, match=f"^{name} must hold floating-point numbers: .*int64"):
        getattr(one, function)(**integers)


@every_row
@pytest.mark.parametrize("function", ["value", "grads"])
def test_text_is_refused(row, function):
    one = first_call(row, row.options[0])
    for name, x in one.arrays.items():
        if is_array(x) and name not in row.text:
            with pytest.raises(TypeError, match=f"^{name} must hold .*: found dtype <U3"):
                getattr(one, function)(**{name: np.full(x.shape, "one")})


@every_row
@pytest.mark.parametrize("function", ["value", "grads"])
def test_masked_arrays_are_refused(row, function):
    one = first_call(row, row.options[0])
    for name, x in one.arrays.items():
        if is_array(x):
            with pytest.raises(TypeError, match=f"^{name} must not be a masked array"):
                getattr(one, function)(**{name: np.ma.masked_array(x, mask=True)})


@every_row
@pytest.mark.parametrize("function", ["value", "grads"])
def test_shapes_that_do_not_fit_are_refused(row, function):
    for options in row.options:
        one = first_call(row, options)
        given = {**one.arrays, **one.options}
        for name, x in given.items():
            if is_array(x) and name != row.learnt[0]:
                wrong = np.broadcast_to(x, (7, *x.shape))
                with pytest.raises(
                    ValueError, match=rf"{name}.*\b{', '.join(map(str, wrong.shape))}"
                ):
                    getattr(one, function)(**{name: wrong})


@every_row
@pytest.mark.parametrize("function", ["value", "grads"])
def test_an_unknown_reduction_is_refused(row, function):
    if row.reductions == (None,):
        pytest.skip("nothing is reduced")
    with pytest.raises(ValueError, match=r"reduction must be one of .*: found 'average'"):
        getattr(first_call(row, row.options[0]), function)(reduction="average")


@every_row
@pytest.mark.parametrize("function", ["value", "grads"])
def test_options_outside_their_domain_are_refused(row, function):
    one = first_call(row, {})
    for name, values in row.refused.items():
        for value in [*values, np.nan]:
            with pytest.raises(
                ValueError, match=rf"^{name} must .*: found {re.escape(repr(value))}"
            ):
                getattr(one, function)(**{name: value})
        with pytest.raises(TypeError, match=rf"^{name} must be a .*: found 'one'"):
            getattr(one, function)(**{name: "one"})


# the table itself


def parameters_of(function):
    """Those of its signature; a built-in function has it in its docstring only."""
    try:
        return inspect.signature(function).parameters
    except ValueError:
        stated = re.search(r"\((.*?)\)", function.__doc__)[1]
        return inspect.signature(eval(f"lambda {stated}: None")).parameters


@every_row
def test_defaults_are_pytorch_s(row):
    theirs = getattr(torch.nn.functional, row.name, None)
    if theirs is None:
        pytest.skip("PyTorch has no such function")
    defaults = parameters_of(theirs)
    for function in (row.loss, row.grad):
        for name, parameter in inspect.signature(function).parameters.items():
            if name not in row.beyond:
                assert name in defaults
                assert parameter.default == defaults[name].default


@pytest.mark.parametrize("name", NAMES)
def test_every_gradient_is_in_the_table(name):
    assert name.removesuffix("_grad") in {row.name for row in rows()}


@pytest.mark.parametrize("name", NAMES)
def test_loss_and_gradient_take_the_same_arguments(name):
    loss, grad = getattr(lossbook, name.removesuffix("_grad")), getattr(lossbook, name)
    assert inspect.signature(loss).parameters == inspect.signature(grad).parameters
