"""Every instruction form: values by numpy and Python's integers, after the PTX manual's definitions."""

import unittest

import cases_integer
import numpy as np
from kernels import lanes


def check_table(test: unittest.TestCase, cases) -> None:
    for name, body, inputs, expected, dtype in cases:
        with test.subTest(name):
            found = lanes(body, {"d": dtype}, **inputs)
            mask = (1 << 8 * dtype.itemsize) - 1
            np.testing.assert_array_equal(found[:len(expected)], np.array([int(v) & mask for v in expected], dtype))


class IntegerTest(unittest.TestCase):
    """One test for each function of cases_integer."""


def add_tests() -> None:
    for make in (cases_integer.arithmetic, cases_integer.wide, cases_integer.special, cases_integer.carries, cases_integer.dots,
                 cases_integer.logic, cases_integer.funnel, cases_integer.permute, cases_integer.nth_set):
        setattr(IntegerTest, f"test_{make.__name__}", lambda test, make=make: check_table(test, make()))


add_tests()

if __name__ == "__main__":
    unittest.main()
