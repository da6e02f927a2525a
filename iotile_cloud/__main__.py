"""Makes `python -m iotile_cloud` the same command as `iotile-cloud`.  Decides nothing."""

from __future__ import annotations

from .cli import run

if __name__ == "__main__":
    run()
