#!/usr/bin/python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Captures from a board, and draws the spectrum of what it receives into a picture.

spectrum.py [--frequency HZ] [--gain DB] [--samples N] [--serial SERIAL] [PICTURE]

It needs matplotlib (python3-matplotlib).
"""

import argparse

import iiobridge
import matplotlib
import numpy as np
from numpy.typing import NDArray

matplotlib.use("Agg")
from matplotlib import pyplot  # noqa: E402

SIZE = 4096  # of a transform


def power(x: NDArray[np.complex64]) -> NDArray[np.float64]:
    """The mean power of transforms that overlap by half, in dB of full scale, from -1/2 to 1/2."""
    window = np.hanning(SIZE)
    total = np.zeros(SIZE)
    starts = range(0, len(x) - SIZE + 1, SIZE // 2)
    for start in starts:
        total += np.abs(np.fft.fft(x[start : start + SIZE] * window)) ** 2
    mean = np.fft.fftshift(total / len(starts) / np.sum(window) ** 2)
    decibels: NDArray[np.float64] = 10 * np.log10(np.maximum(mean, 1e-20))
    return decibels


def capture(arguments: argparse.Namespace) -> tuple[NDArray[np.complex64], float, float, str]:
    """Tunes, and reads: samples, rate, frequency, and what they are from."""
    with iiobridge.open(arguments.serial) as board, board.rx(dtype=np.complex64) as stream:
        route = stream.route_name
        if arguments.frequency is not None:
            board.controls[f"{route} frequency"] = arguments.frequency
        if arguments.gain is not None:
            board.controls[f"{route} gain0"] = arguments.gain
        center = board.controls.get(f"{route} frequency", 0.0)
        x, meta = stream.read(arguments.samples)
        if meta.samples < arguments.samples:
            print(f"a gap follows after {meta.samples} samples")
        rate = board.routes[route].sample_rate or 1.0
        return np.atleast_2d(x)[0], rate, float(center), f"{board.model}, route {route}"


def draw(x: NDArray[np.complex64], rate: float, center: float, title: str, picture: str) -> None:
    if len(x) < SIZE:
        raise SystemExit(f"spectrum: {len(x)} samples are too few: accepted is {SIZE} or more")
    frequencies = (center + np.fft.fftshift(np.fft.fftfreq(SIZE, 1 / rate))) / 1e6
    figure, axes = pyplot.subplots(figsize=(9, 5))
    axes.plot(frequencies, power(x), linewidth=0.8)
    axes.set(title=title, xlabel="MHz", ylabel="dB of full scale", ylim=(-140, 3))
    axes.set_xlim(frequencies[0], frequencies[-1])
    axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(picture, dpi=120)


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw the spectrum of what a board receives.")
    parser.add_argument("--serial", help="of the board, if there are several")
    parser.add_argument("--frequency", type=float, help="to tune to, Hz")
    parser.add_argument("--gain", type=float, help="of the receiver, dB")
    parser.add_argument("--samples", type=int, default=1 << 20)
    parser.add_argument("picture", nargs="?", default="spectrum.png")
    arguments = parser.parse_args()
    try:
        x, rate, center, title = capture(arguments)
    except iiobridge.Error as error:
        raise SystemExit(f"spectrum: {error}") from None
    draw(x, rate, center, title, arguments.picture)


if __name__ == "__main__":
    main()
