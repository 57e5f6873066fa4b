"""The steps of the optimizers beside those of `torch.optim`, and what the table cannot say of penalties."""

import inspect
import math
import re

import numpy as np
import pytest
import torch

import lossbook
from lossbook import adam, gradient_descent, l1_penalty_grad, l2_penalty, l2_penalty_grad, momentum

rng = np.random.default_rng(0)
START = rng.normal(scale=2, size=(3, 4))
CURVATURE = np.geomspace(0.01, 3, 12).reshape(3, 4)
NOISE = rng.normal(scale=0.3, size=(50, 3, 4))

THEIRS = {
    "gradient_descent": torch.optim.SGD,
    "momentum": torch.optim.SGD,
    "rmsprop": torch.optim.RMSprop,
    "adam": torch.optim.Adam,
}
REQUIRED = {"momentum": {"momentum": 0.9}}  # options without a default
OPTIONS = {
    "gradient_descent": [{}, {"lr": 0.1}, {"lr": 0.1, "weight_decay": 0.3}],
    "momentum": [
        {"momentum": 0.9},
        {"lr": 0.05, "momentum": 0.8, "dampening": 0.3},
        {"lr": 0.05, "momentum": 0.5, "dampening": 1.0},
        {"lr": 0.05, "momentum": 0.8, "nesterov": True},
        {"lr": 0.05, "momentum": 0.8, "weight_decay": 0.3},
        {"lr": 0.05, "momentum": 0.8, "nesterov": True, "weight_decay": 0.3},
    ],
    "rmsprop": [
        {},
        {"lr": 0.05, "alpha": 0.9, "eps": 0.01},
        {"lr": 0.05, "alpha": 0.0},
        {"momentum": 0.7},
        {"centered": True, "alpha": 0.8},
        {"momentum": 0.7, "centered": True, "weight_decay": 0.3},
    ],
    "adam": [
        {},
        {"lr": 0.1, "betas": (0.7, 0.9), "eps": 0.01},
        {"lr": 0.1, "betas": (0.0, 0.5)},
        {"lr": 0.1, "weight_decay": 0.3},
    ],
}
RUNS = [
    pytest.param(name, options, id=f"{name}-{options}")
    for name, several in OPTIONS.items()
    for options in several
]
every_run = pytest.mark.parametrize(("name", "options"), RUNS)
every_method = pytest.mark.parametrize("name", OPTIONS)


def step(name, params, grad, state=None, **options):
    """A step of any method: the new parameters and the new state."""
    options = {**REQUIRED.get(name, {}), **options}
    if name == "gradient_descent":
        return gradient_descent(params, grad, **options), None
    return getattr(lossbook, name)(params, grad, state, **options)


def slope(x, t):
    """The derivative of a bowl with ripples, with some noise."""
    return (CURVATURE * x + np.sin(x) + NOISE[t]).astype(x.dtype)


def arrays_of(state):
    """The arrays of a state, whatever its form."""
    return [x for x in (state if isinstance(state, tuple) else [state]) if np.ndim(x)]


def widened(state):
    """A state whose arrays are of double precision."""
    if isinstance(state, tuple):
        return tuple(widened(part) for part in state)
    return state.astype(float) if isinstance(state, np.ndarray) else state


# the steps of PyTorch


@every_run
@pytest.mark.parametrize(("dtype", "rtol"), [("float64", 1e-12), ("float32", 1e-5)])
def test_fifty_steps_equal_pytorch_s(name, options, dtype, rtol):
    x, state = START.astype(dtype), None
    theirs = torch.tensor(x)
    optimizer = THEIRS[name]([theirs], **options)
    for t in range(len(NOISE)):
        theirs.grad = torch.tensor(slope(theirs.numpy(), t))
        optimizer.step()
        x, state = step(name, x, slope(x, t), state, **options)
        assert all(array.dtype == dtype for array in [x, *arrays_of(state)])
        np.testing.assert_allclose(x, theirs.numpy(), rtol=rtol, atol=rtol / 10)


@every_method
def test_defaults_of_the_steps_are_pytorch_s(name):
    defaults = inspect.signature(THEIRS[name]).parameters
    for option, parameter in inspect.signature(getattr(lossbook, name)).parameters.items():
        if parameter.kind is parameter.KEYWORD_ONLY and option not in REQUIRED.get(name, {}):
            assert parameter.default == defaults[option].default


def test_a_constant_gradient_never_makes_a_centred_step_nan():
    """As it does PyTorch's, in about one parameter of ten."""
    g = np.random.default_rng(0).uniform(0, 10, size=300)
    x, state = np.zeros(300), None
    theirs = torch.zeros(300, dtype=torch.float64)
    optimizer = torch.optim.RMSprop([theirs], centered=True)
    for _ in range(6000):
        theirs.grad = torch.tensor(g)
        optimizer.step()
        x, state = step("rmsprop", x, g, state, centered=True)
    assert torch.isnan(theirs).any()
    assert np.isfinite(x).all()


# what holds for every step


@every_run
def test_a_step_modifies_nothing_and_returns_new_arrays(name, options):
    x, state = START, None
    for t in range(2):
        g = slope(x, t)
        given = [x, g, *arrays_of(state)]
        before = [array.tobytes() for array in given]
        for array in given:
            array.flags.writeable = False
        x, state = step(name, x, g, state, **options)
        assert [array.tobytes() for array in given] == before
        for array in [x, *arrays_of(state)]:
            assert not any(np.shares_memory(array, other) for other in given)


@every_run
def test_lists_and_any_layout_are_taken(name, options):
    expected = step(name, START, NOISE[0], **options)[0]
    for x, g in [
        (START.tolist(), NOISE[0].tolist()),
        (np.asfortranarray(START), NOISE[0, ::-1].copy()[::-1]),
    ]:
        np.testing.assert_array_equal(step(name, x, g, **options)[0], expected)


@every_method
@pytest.mark.parametrize("shape", [(), (0,), (2, 3, 1)])
def test_parameters_may_have_any_shape(name, shape):
    x, state = np.ones(shape), None
    for _ in range(2):
        x, state = step(name, x, np.ones(shape), state)
        assert x.shape == shape
    assert np.all(x < 1)


@every_run
def test_the_precision_of_the_parameters_is_kept(name, options):
    x, g = START.astype("float32"), NOISE[0]
    options = {
        key: np.float64(value) if type(value) is float else value for key, value in options.items()
    }
    expected = step(name, x, g.astype("float32"), **options)[0]
    found, state = step(name, x, g, **options)
    assert found.dtype == "float32"
    np.testing.assert_array_equal(found, expected)
    found, state = step(name, found, np.ones(g.shape, int), widened(state), **options)
    assert all(array.dtype == "float32" for array in [found, *arrays_of(state)])


@every_run
def test_nan_and_infinity_pass_in_silence(name, options):
    x = np.array([1.0, 1.0, np.inf, np.inf, 1e300, -1.0, 1.0])
    g = np.array([np.nan, np.inf, np.inf, -np.inf, 1e300, 1e-320, 0.0])
    state = None
    for _ in range(3):
        x, state = step(name, x, g, state, **options)
    assert np.isnan(x[0])
    assert np.isfinite(x[-1])


@every_run
def test_a_gradient_too_large_for_the_precision_is_infinite(name, options):
    x, g = np.ones(2, "float32"), np.array([1e300, 0.0])
    wide = step(name, x, g.astype(float), **options)[0]
    np.testing.assert_array_equal(
        wide, step(name, x, np.array([np.inf, 0.0], "float32"), **options)[0]
    )


@every_method
def test_weight_decay_is_an_l2_penalty_of_half_the_strength(name):
    x, y, states = START, START, [None, None]
    for t in range(3):
        penalised = slope(y, t) + l2_penalty_grad(y, strength=0.15)
        x, states[0] = step(name, x, slope(x, t), states[0], weight_decay=0.3)
        y, states[1] = step(name, y, penalised, states[1])
    np.testing.assert_allclose(x, y, rtol=1e-14)


@every_method
def test_no_weight_decay_leaves_an_infinite_parameter_alone(name):
    x, _ = step(name, [np.inf], [1.0])
    assert x == np.inf


# theorems


def test_gradient_descent_shrinks_each_axis_of_a_bowl_by_its_own_factor():
    x = START
    for _ in range(10):
        x = gradient_descent(x, CURVATURE * x, lr=0.25)
    np.testing.assert_allclose(x, START * (1 - 0.25 * CURVATURE) ** 10, rtol=1e-13)


def test_momentum_0_is_gradient_descent():
    v = None
    for g in NOISE[:3]:
        x, v = momentum(START, g, v, lr=0.1, momentum=0)
        np.testing.assert_array_equal(x, gradient_descent(START, g, lr=0.1))


def test_without_momentum_the_velocity_is_dampened_and_pytorch_s_step_is_not():
    options = {"lr": 0.1, "momentum": 0, "dampening": 0.25}
    x, v, theirs = START, None, torch.tensor(START)
    optimizer = torch.optim.SGD([theirs], **options)
    for g in NOISE[:2]:
        (x, v), theirs.grad = momentum(x, g, v, **options), torch.tensor(g)
        optimizer.step()
    np.testing.assert_array_equal(v, 0.75 * NOISE[1])
    np.testing.assert_allclose(theirs, START - 0.1 * (NOISE[0] + NOISE[1]), rtol=1e-14)


def test_momentum_multiplies_the_speed_down_a_slope_by_one_over_one_minus_itself():
    v = None
    for _ in range(200):
        _, v = momentum(START, np.ones_like(START), v, momentum=0.75)
    np.testing.assert_allclose(v, 4, rtol=1e-14)


def test_the_first_velocity_is_not_dampened_the_second_is():
    _, v = momentum([0.0], [2.0], momentum=0.5, dampening=0.75)
    assert v == 2
    _, v = momentum([0.0], [2.0], v, momentum=0.5, dampening=0.75)
    assert v == 0.5 * 2 + 0.25 * 2


def test_nesterov_s_step_is_that_of_the_heavy_ball_and_one_more_along_it():
    x, v = momentum([0.0], [2.0], [4.0], lr=1, momentum=0.5, nesterov=True)
    assert v == 0.5 * 4 + 2
    assert x == -(2 + 0.5 * v)


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_the_first_step_of_adam_is_the_learning_rate_whatever_the_scale(scale):
    x, _ = adam(np.zeros(12), scale * NOISE[0].ravel(), lr=0.1, eps=0)
    np.testing.assert_allclose(x, -0.1 * np.sign(NOISE[0].ravel()), rtol=1e-14)


@pytest.mark.parametrize("name", ["rmsprop", "adam"])
def test_scaling_all_gradients_leaves_the_steps_the_same(name):
    x, y, states = START, START, [None, None]
    for g in NOISE[:5]:
        x, states[0] = step(name, x, g, states[0], eps=0)
        y, states[1] = step(name, y, 1000 * g, states[1], eps=0)
    np.testing.assert_allclose(x, y, rtol=1e-13)


@every_method
def test_descent_reaches_the_bottom_of_a_bowl(name):
    x, state = START, None
    for _ in range(3000):
        x, state = step(name, x, 2 * (x - 1), state, lr=0.01)
    np.testing.assert_allclose(x, 1, atol=0.01)


def test_the_derivative_of_the_l1_penalty_is_0_at_its_kink():
    np.testing.assert_array_equal(l1_penalty_grad([-3.0, -0.0, 0.0, 5e-324]), [-1, 0, 0, 1])


def test_the_l2_penalty_has_no_factor_of_one_half():
    assert l2_penalty([3.0, 4.0]) == 25
    assert l2_penalty([3.0, 4.0], strength=0.5) == 12.5


# what is refused


def refuses(message, error=ValueError):
    return pytest.raises(error, match=f"^{message}")


@every_method
def test_shapes_that_differ_are_refused(name):
    with refuses(r"params and grad.* must have the same shape: \(3, 1\) and \(3,\)"):
        step(name, np.ones((3, 1)), np.ones(3))


@pytest.mark.parametrize(
    ("name", "state", "which"),
    [
        ("momentum", np.ones(2), "velocity"),
        ("rmsprop", (np.ones(2), np.ones(3), np.ones(3)), "mean"),
        ("rmsprop", (np.ones(3), np.ones(2), np.ones(3)), "mean_square"),
        ("rmsprop", (np.ones(3), np.ones(3), np.ones(2)), "velocity"),
        ("adam", (np.ones(2), np.ones(3), 1), "mean"),
        ("adam", (np.ones(3), np.ones(2), 1), "mean_square"),
    ],
)
def test_a_state_of_another_shape_is_refused(name, state, which):
    with refuses(rf"params and grad.* and {which}\b.* must have the same shape: .*\(2,\)"):
        step(name, np.ones(3), np.ones(3), state)


@every_method
def test_parameters_must_be_of_floating_point_and_gradients_real(name):
    with refuses("params must hold floating-point numbers: found dtype int64", TypeError):
        step(name, np.ones(3, int), np.ones(3))
    with refuses("grad must hold real numbers: found dtype complex128", TypeError):
        step(name, np.ones(3), np.ones(3, complex))


REFUSED = {
    "lr": [-0.1, np.inf],
    "weight_decay": [-0.1, np.inf],
    "momentum": [-0.1, np.inf],
    "dampening": [-0.1, 1.1],
    "alpha": [-0.1, 1.0],
    "eps": [-0.1, np.inf],
}


@every_method
def test_options_of_a_step_outside_their_domain_are_refused(name):
    options = inspect.signature(getattr(lossbook, name)).parameters
    for option in REFUSED.keys() & options.keys():
        for value in [*REFUSED[option], math.nan]:
            with refuses(rf"{option} must be .*: found {re.escape(repr(value))}"):
                step(name, START, NOISE[0], **{option: value})
        with refuses(f"{option} must be a real number: found 'one'", TypeError):
            step(name, START, NOISE[0], **{option: "one"})


@pytest.mark.parametrize(
    ("betas", "message", "error"),
    [
        ((-0.1, 0.9), r"betas\[0\] must be at least 0 and below 1: found -0.1", ValueError),
        ((0.9, 1.0), r"betas\[1\] must be at least 0 and below 1: found 1.0", ValueError),
        ((0.9, math.nan), r"betas\[1\] must be .*: found nan", ValueError),
        (("a", 0.9), r"betas\[0\] must be a real number: found 'a'", TypeError),
        ((0.9,), r"betas must be two numbers: found \(0.9,\)", TypeError),
        (0.9, "betas must be two numbers: found 0.9", TypeError),
    ],
)
def test_betas_are_two_numbers_from_0_to_below_1(betas, message, error):
    with refuses(message, error):
        adam([1.0], [1.0], betas=betas)


@pytest.mark.parametrize("options", [{"momentum": 0.0}, {"momentum": 0.9, "dampening": 0.1}])
def test_nesterov_without_momentum_or_with_dampening_is_refused(options):
    given = f"{options['momentum']} and {options.get('dampening', 0.0)}"
    with refuses(f"nesterov must have momentum above 0 and dampening 0: found {given}"):
        momentum([1.0], [1.0], nesterov=True, **options)


@pytest.mark.parametrize(
    ("name", "parts"), [("rmsprop", "mean, mean_square, velocity"), ("adam", "mean, .*, steps")]
)
@pytest.mark.parametrize("state", [(1.0, 2.0), [1.0, 2.0, 3], 1.0])
def test_a_state_of_another_form_is_refused(name, parts, state):
    with refuses(
        rf"state must be None or a tuple \({parts}\): found {re.escape(repr(state))}", TypeError
    ):
        step(name, 1.0, 1.0, state)


def test_the_steps_taken_are_a_count():
    with refuses(r"steps must lie in \[0, inf\): found -1"):
        adam([1.0], [1.0], ([0.0], [0.0], -1))
    with refuses("steps must be an integer: found 1.5", TypeError):
        adam([1.0], [1.0], ([0.0], [0.0], 1.5))
