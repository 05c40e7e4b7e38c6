"""A gradient code: any m - tolerates workers give the sum, one fewer does not."""

from itertools import combinations

import numpy as np
import pytest

import stragglers as sg

CODES = [(m, s) for m in range(1, 8) for s in range(m)]


@pytest.mark.parametrize(("m", "tolerates"), CODES)
def test_whoever_is_late_the_others_give_the_sum(m, tolerates):
    matrix = sg.coding_matrix(m, tolerates, np.random.default_rng(m))
    for finished in combinations(range(m), m - tolerates):
        weights = sg.decoding_weights(matrix, finished)
        assert weights @ matrix == pytest.approx(np.ones(m), abs=1e-8)
        late = sorted(set(range(m)) - set(finished))
        assert not weights[late].any()


@pytest.mark.parametrize(("m", "tolerates"), [code for code in CODES if code[0] > code[1] + 1])
def test_one_more_that_is_late_is_too_many(m, tolerates):
    matrix = sg.coding_matrix(m, tolerates, np.random.default_rng(m))
    for finished in combinations(range(m), m - tolerates - 1):
        with pytest.raises(ValueError, match=f"{len(finished)} of {m}.* do not"):
            sg.decoding_weights(matrix, finished)


@pytest.mark.parametrize(("m", "tolerates"), CODES)
def test_each_worker_has_its_parts_and_no_other(m, tolerates):
    matrix = sg.coding_matrix(m, tolerates, np.random.default_rng(m))
    assert np.all((matrix != 0).sum(axis=1) == tolerates + 1)
    assert np.all((matrix != 0).sum(axis=0) == tolerates + 1)
    assert np.all(np.diag(matrix) == 1)
    assert (tolerates + 1) / m == sg.GradientCoded(m, tolerates, "adds").load


def test_a_large_code_decodes_and_the_same_rng_gives_the_same_matrix():
    matrix = sg.coding_matrix(60, 12, np.random.default_rng(1))
    finished = np.random.default_rng(2).permutation(60)[:48]
    weights = sg.decoding_weights(matrix, finished)
    assert weights @ matrix == pytest.approx(np.ones(60), abs=1e-6)
    assert np.array_equal(matrix, sg.coding_matrix(60, 12, np.random.default_rng(1)))


def test_matrices_of_another_make_are_decoded_too():
    repeated = np.kron(np.eye(2), np.ones((2, 2)))  # two pairs that do the same
    assert sg.decoding_weights(repeated, [1, 2]).tolist() == pytest.approx([0, 1, 1, 0])
    with pytest.raises(ValueError, match="2 of 4"):
        sg.decoding_weights(repeated, [0, 1])
    parts = np.array([[2.0, 0, 0], [0, 3, 3], [0, 0, 0]])
    assert sg.decoding_weights(parts, [0, 1, 2]).tolist() == pytest.approx([1 / 2, 1 / 3, 0])


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda rng: sg.coding_matrix(0, 0, rng), "m must be an integer of at least 1, got 0"),
        (lambda rng: sg.coding_matrix(3, 3, rng), "tolerates must be an integer from 0 to 2"),
        (lambda rng: sg.decoding_weights([1, 1], [0]), "matrix must be a table of finite numbers"),
        (lambda rng: sg.decoding_weights(np.eye(2), [2]), "finished must be an integer from 0 to"),
        (lambda rng: sg.decoding_weights(np.eye(2), []), "0 of 2"),
    ],
)
def test_a_bad_argument_is_named(act, message):
    with pytest.raises(ValueError, match=message):
        act(np.random.default_rng(0))


@pytest.mark.parametrize(
    ("matrix", "finished", "error", "message"),
    [
        ([[1, 2], [3]], [0], ValueError, "matrix must be a table .* got rows of different lengths"),
        ("ab", [0], TypeError, "matrix must be a table of .* got 'ab'"),
        ([["1", "2"]], [0], TypeError, "matrix must be a table"),
        ([[1j]], [0], TypeError, "matrix must be a table"),
        ([[10**400]], [0], ValueError, "matrix must be a table"),
        (None, [0], ValueError, "matrix must be a table"),
        (np.eye(3), None, TypeError, "finished must be a list of .* from 0 to 2, got None"),
        (np.eye(3), 5, TypeError, "finished must be a list of workers' numbers .* got 5"),
        (np.eye(3), "012", TypeError, "finished must be a list of workers' numbers .* got '012'"),
    ],
)
def test_what_is_no_table_or_no_list_of_workers_is_named(matrix, finished, error, message):
    with pytest.raises(error, match=message):
        sg.decoding_weights(matrix, finished)


def test_no_rng_is_an_error():
    with pytest.raises(TypeError, match=r"rng must be a numpy\.random\.Generator"):
        sg.coding_matrix(3, 1, 7)
