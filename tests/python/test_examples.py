# SPDX-License-Identifier: GPL-2.0-or-later
"""What the README and the examples do, and what is installed."""

import importlib.util
import os
import re
import runpy
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import iiobridge
from board import BoardTest, fake

TOP = Path(__file__).parents[2]


class Examples(BoardTest):
    def setUp(self) -> None:
        super().setUp()
        fake.set_rate(0, 30720000)
        fake.make_radio(0)

    def test_the_lines_of_the_readme_work_as_they_stand(self) -> None:
        found = re.search(r"```python\n(.*?)```", (TOP / "README.md").read_text(), re.DOTALL)
        assert found and iiobridge.__doc__
        names: dict[str, object] = {}
        exec(found[1], names)
        self.assertEqual(getattr(names["x"], "shape"), (1_000_000,))
        for line in found[1].splitlines():
            self.assertIn(line, iiobridge.__doc__)

    @unittest.skipUnless(importlib.util.find_spec("matplotlib"), "there is no matplotlib")
    def test_the_spectrum_is_drawn(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            picture = f"{folder}/spectrum.png"
            options = ["--frequency", "1e9", "--gain", "20", "--samples", "10000"]
            with mock.patch.object(sys, "argv", ["spectrum.py", *options, picture]):
                runpy.run_path(str(TOP / "python/examples/spectrum.py"), run_name="__main__")
            self.assertTrue(Path(picture).read_bytes().startswith(b"\x89PNG"))


class Installed(unittest.TestCase):
    def test_all_files_are_installed(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            # The sanitizers are for this process, and the variables of a make for that one.
            kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
            subprocess.run(
                ["make", "--silent", f"--directory={TOP}", "install-python", f"DESTDIR={folder}",
                 "prefix=/usr", f"PYTHON={sys.executable}"],
                check=True, env=kept,
            )  # fmt: skip
            (package,) = Path(folder).rglob("iiobridge")
            self.assertIn(package.parent.name, ("dist-packages", "site-packages"))
            self.assertEqual(
                {file.name for file in package.iterdir()},
                {file.name for file in (TOP / "python/iiobridge").iterdir() if file.is_file()},
            )


class Manual(unittest.TestCase):
    def test_all_that_is_public_is_documented(self) -> None:
        for name in iiobridge.__all__:
            public = getattr(iiobridge, name)
            self.assertTrue(public.__doc__, name)
            members = vars(public).items() if isinstance(public, type) else []
            for member, value in members:
                if callable(value) and not member.startswith("_"):
                    self.assertTrue(value.__doc__, f"{name}.{member}")
