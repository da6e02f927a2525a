"""MdoHelper: the formula, its reverse and its refusals."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from iotile_cloud.utils.mdo import MdoError, MdoHelper

FACTORS = st.integers(-(10**6), 10**6).filter(bool)
NUMBERS = st.floats(-1e9, 1e9)


def test_compute():
    """A number is multiplied, divided, then offset."""
    assert MdoHelper(3, 2, 0.5).compute(3) == 5.0


def test_compute_value_is_compute():
    """`compute_value`, the name in the user guide, is the same conversion."""
    assert MdoHelper(m=9, d=5, o=-459.67).compute_value(300) == 300 * 9 / 5 - 459.67


def test_compute_value_follows_an_override():
    """A subclass that changes `compute` changes `compute_value` too."""

    class Doubled(MdoHelper):
        def compute(self, value: float) -> float:
            return 2 * super().compute(value)

    assert Doubled(1, 1).compute_value(3) == 6.0


@given(FACTORS, FACTORS, NUMBERS, NUMBERS)
def test_reverse(m, d, o, value):
    """`compute_reverse` undoes `compute`."""
    mdo = MdoHelper(m, d, o)
    slack = 1e-9 * max(1.0, abs(value), abs(o * d / m))
    assert mdo.compute_reverse(mdo.compute(value)) == pytest.approx(value, rel=1e-9, abs=slack)


@pytest.mark.parametrize("offset", [None, 0, 0.0])
def test_no_offset(offset):
    """An offset of nothing is None and is not written."""
    mdo = MdoHelper(3, 2, offset)
    assert (mdo._m, mdo._d, mdo._o, str(mdo)) == (3.0, 2.0, None, "3.0x/2.0")


def test_text_with_an_offset():
    """The text shows the formula."""
    assert str(MdoHelper(3, 2, 0.5)) == "0.5+3.0x/2.0"


def test_attributes_are_floats():
    """The published attributes are floats, whatever was given."""
    mdo = MdoHelper(3, 2, 1)
    assert [type(number) for number in (mdo._m, mdo._d, mdo._o)] == [float] * 3


def test_numpy_numbers():
    """Numbers of numpy do as well."""
    numpy = pytest.importorskip("numpy")
    mdo = MdoHelper(numpy.int32(3), numpy.int64(2), numpy.float64(0.5))
    assert str(mdo) == "0.5+3.0x/2.0"


@pytest.mark.parametrize("bad", [0, 1.0, "1", None, True, 10**400])
@pytest.mark.parametrize("name", ["m", "d"])
@pytest.mark.parametrize("error", [ValueError, AssertionError, MdoError])
def test_bad_factors(name, bad, error):
    """A factor that is no int or zero is refused by name, in the error old scripts expect too."""
    with pytest.raises(error, match=f"{name} is .*expected an int"):
        MdoHelper(**{"m": 1, "d": 1, name: bad})


@pytest.mark.parametrize("bad", ["1", True, float("nan"), float("inf"), [], 10**400])
def test_bad_offsets(bad):
    """An offset that is no finite number is refused."""
    with pytest.raises(MdoError, match=r"o is .*expected None or a finite"):
        MdoHelper(1, 1, bad)


def test_refusals_outlive_optimisation():
    """Bad arguments are refused under `python -O` as well."""
    code = "from iotile_cloud.utils.mdo import *; MdoHelper(0, 1)"
    command = [sys.executable, "-O", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "MdoError: m is 0" in done.stderr
