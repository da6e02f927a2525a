"""What this distribution is called, needs and installs.  Tool settings are in `pyproject.toml`."""

import os
import shlex
import sys

from setuptools import Command, find_packages, setup

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from version import version  # noqa: E402  beside this file, not installed

MSGPACK = ["msgpack>=1.0"]
LOCAL = ["werkzeug>=2.3", *MSGPACK]
FAST = ["msgspec>=0.18; implementation_name == 'cpython'"]
FRAMES = ["pandas>=2.0", "pyarrow>=17"]
PLOT = ["matplotlib>=3.7"]
CRYPTO = ["cryptography>=41"]
CLI = ["tqdm>=4.42"]
MOCK = [  # what a test suite needs that uses our fixtures
    *LOCAL,
    "pytest>=7.4",
    "cryptography>=41; implementation_name == 'cpython'",  # for https
]
TEST = [
    *MOCK,
    *FAST,
    *CLI,
    *(f"{one}; implementation_name == 'cpython'" for one in (*FRAMES, *PLOT, *CRYPTO)),
    "hypothesis>=6.90",
    "coverage>=7.2",
    "pytest-cov>=5",  # coverage of what pytest-xdist runs in other processes
    "pytest-xdist>=3.5",
    "setuptools>=70.1",  # builds the wheel that tests/test_packaging.py looks into
]
DEV = [
    *TEST,
    "build",
    "ruff==0.17.6",
    "mypy==2.4.1; python_version >= '3.10'",
    "types-requests",
    "types-python-dateutil",
]


class Test(Command):
    """Run the test suite in this process, so that `coverage run setup.py test` sees it."""

    description = "run the test suite with pytest"
    user_options = [("pytest-args=", "a", "arguments for pytest")]  # noqa: RUF012

    def initialize_options(self):
        self.pytest_args = ""

    def finalize_options(self):
        pass

    def run(self):
        try:
            import pytest
        except ImportError:
            sys.exit("The tests need pytest and more: pip install -e .[test], or run scripts/test")
        self.run_command("egg_info")  # tells the version to a project that is not installed
        sys.exit(pytest.main(shlex.split(self.pytest_args)))


with open(os.path.join(HERE, "README.md"), encoding="utf-8") as readme:
    long_description = readme.read()

setup(
    name="iotile_cloud",
    version=version,
    description="Python client for the IOTile Cloud REST API, with an embedded cloud",
    long_description=long_description,
    long_description_content_type="text/markdown",
    license="MIT",
    license_files=["LICENSE"],
    author="IOTile Cloud client maintainers",
    keywords=["iotile", "iot", "rest", "slumber", "time series"],
    classifiers=[
        "Development Status :: 5 - Production/Stable",
        "Intended Audience :: Developers",
        "Intended Audience :: Science/Research",
        "Operating System :: OS Independent",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3.9",
        "Programming Language :: Python :: 3.10",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
        "Programming Language :: Python :: Implementation :: CPython",
        "Programming Language :: Python :: Implementation :: PyPy",
        "Topic :: Software Development :: Libraries :: Python Modules",
        "Typing :: Typed",
    ],
    packages=find_packages(include=["iotile_cloud", "iotile_cloud.*"]),
    package_data={"iotile_cloud": ["py.typed"]},
    python_requires=">=3.9",
    install_requires=["requests>=2.27", "python-dateutil>=2.7"],
    extras_require={
        "local": LOCAL,
        "mock": MOCK,
        "fast": FAST,
        "frames": FRAMES,
        "plot": PLOT,
        "cli": CLI,
        "crypto": CRYPTO,
        "msgpack": MSGPACK,
        "test": TEST,
        "dev": DEV,
    },
    entry_points={
        "console_scripts": ["iotile-cloud=iotile_cloud.cli:run"],
        "pytest11": ["mock_cloud=iotile_cloud.utils.mock_cloud"],
    },
    cmdclass={"test": Test},
)
