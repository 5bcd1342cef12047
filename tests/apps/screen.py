# SPDX-License-Identifier: GPL-2.0-or-later
"""Programs with windows, on a screen and with a sound card that nobody sees and hears."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import radio

class Screen:
    """An X server with its programs' home, and PulseAudio; all end with it."""

    size = (1024, 768)

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="iiobridge-apps-"))
        self.environment = {
            name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ
        }
        self.environment.update(
            HOME=str(self.home),
            XDG_CONFIG_HOME=str(self.home / ".config"),
            XDG_RUNTIME_DIR=str(self.home / "run"),
            LIBGL_ALWAYS_SOFTWARE="1",
        )
        (self.home / "run").mkdir(mode=0o700)
        self.processes: list[subprocess.Popen[bytes]] = []
        read, write = os.pipe()
        self.begin("Xvfb", "-displayfd", str(write), "-screen", "0", f"{self.size[0]}x{self.size[1]}x24",
                   "-nolisten", "tcp", pass_fds=(write,))  # fmt: skip
        os.close(write)
        with os.fdopen(read) as number:
            self.environment["DISPLAY"] = f":{number.readline().strip()}"
        socket = self.home / "sound"
        self.environment["PULSE_SERVER"] = f"unix:{socket}"
        self.begin("pulseaudio", "--daemonize=no", "-n", "--exit-idle-time=-1", "--use-pid-file=no",
                   "--load=module-null-sink",
                   f"--load=module-native-protocol-unix socket={socket}")  # fmt: skip
        radio.wait_for(30, socket.exists, "PulseAudio does not start")

    def begin(self, *command: str, pass_fds: tuple[int, ...] = ()) -> subprocess.Popen[bytes]:
        """Begin a program, whose messages go to a file with its name in the home."""
        with open(self.home / f"{command[0]}.log", "ab") as log:
            process = subprocess.Popen(command, env=self.environment, stdin=subprocess.DEVNULL,
                                       stdout=log, stderr=log, pass_fds=pass_fds)  # fmt: skip
        self.processes.append(process)
        return process

    def do(self, *command: str) -> str:
        """Run a program that sees the screen; what it prints."""
        return subprocess.run(command, env=self.environment, check=True, capture_output=True,
                              text=True, timeout=60).stdout  # fmt: skip

    def windows(self, name: str) -> list[str]:
        """The numbers of those that have a name like this, and are seen."""
        try:
            return self.do("xdotool", "search", "--onlyvisible", "--name", name).split()
        except subprocess.CalledProcessError:
            return []

    def window(self, name: str) -> str:
        """Wait for a window; its number."""
        radio.wait_for(120, lambda: bool(self.windows(name)), f"there is no window {name}")
        return self.windows(name)[-1]

    def window_or_key(self, name: str, key: str) -> str:
        """The same, of a window that comes when a key was pressed in another one, which may come before."""
        time.sleep(2)
        if not self.windows(name):
            self.do("xdotool", "key", key)
        return self.window(name)

    def move(self, place: tuple[int, int]) -> None:
        self.do("xdotool", "mousemove", "--sync", str(place[0]), str(place[1]))

    def click(self, place: tuple[int, int]) -> None:
        """Click, and leave the program the time that a user leaves it."""
        self.do("xdotool", "mousemove", str(place[0]), str(place[1]), "click", "1")
        time.sleep(2)

    def drag(self, begin: tuple[int, int], end: tuple[int, int]) -> None:
        self.move(begin)
        self.do("xdotool", "mousedown", "1", "mousemove", "--sync", str(end[0]), str(end[1]),
                "mouseup", "1")  # fmt: skip

    def log(self, program: str) -> str:
        """What a program has said so far."""
        return (self.home / f"{program}.log").read_text(errors="replace")

    def fill(self, window: str) -> None:
        """A window becomes as large as the screen: there is nobody who manages windows."""
        self.do("xdotool", "windowmove", window, "0", "0", "windowsize", "--sync", window,
                str(self.size[0]), str(self.size[1]))  # fmt: skip

    def shoot(self, file: Path) -> None:
        """Take a picture of all of the screen, with few colours, as it is for the documentation."""
        self.do("import", "-window", "root", "+dither", "-colors", "48", "-strip",
                "-define", "png:compression-level=9", str(file))  # fmt: skip

    def shoot_after(self, seconds: float, file: Path) -> None:
        """The same, when there is something to see."""
        time.sleep(seconds)
        self.shoot(file)

    def end(self) -> None:
        """What the programs have said stays in out/apps/."""
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in reversed(self.processes):
            process.wait(timeout=30)
        for log in self.home.glob("*.log"):
            shutil.copy(log, radio.OUT / f"{log.stem}-said.log")
        shutil.rmtree(self.home)
