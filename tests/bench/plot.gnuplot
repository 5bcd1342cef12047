# SPDX-License-Identifier: GPL-2.0-or-later
#
# gnuplot -e "data = 'DIR'; picture = 'FILE'; what = 'TITLE'" plot.gnuplot: draws the points of
# DIR/PATH, which tests/bench/plot.jq makes, as a picture for a slide.

set terminal pngcairo size 1920, 1080 font "DejaVu Sans,20" background "#ffffff"
set output picture

paths = "limit dmabuf copy read-write iiod"
titles = "'the bus alone (SourceSink)' 'iiobridge' 'iiobridge, transfer = \"copy\"' \
	'read() + write(), one thread' 'iiod 0.24'"
color(i) = word("#9a9a9a #0b6fb8 #58a9dc #d9822b #7a4ea3", i)
dash(i) = i == 1 ? 2 : 1
wide(i) = i == 2 ? 5 : 3
file(i) = data . "/" . word(paths, i)

set style data yerrorlines
set tics nomirror textcolor "#555555"
set border 3 linecolor "#aaaaaa"
set grid ytics linetype 1 linecolor "#e6e6e6"
set logscale x 2
set xtics ("16 KiB" 16, "64 KiB" 64, "256 KiB" 256, "1 MiB" 1024, "4 MiB" 4096, "16 MiB" 16384)
set xlabel "block size" textcolor "#333333"
set bars 0.4

set xrange [12:22000]
unset key

# One legend for both; its places are where the texts end up with this font.
place(i) = word("0.065 0.290 0.400 0.640 0.870", i)
do for [i = 1:5] {
	set label i word(titles, i) at screen place(i), screen 0.045 left offset 1.5, 0 \
		textcolor "#333333" point pointtype 7 pointsize 2.2 linecolor rgb color(i)
}

set multiplot title "{/:Bold=30 " . what . "}\n{/=18 virtual board; medians, with the least and the \
largest of the repetitions}" textcolor "#222222" \
	layout 1, 2 margins 0.065, 0.985, 0.19, 0.83 spacing 0.08

set title "{/=24 Throughput, MiB/s}" textcolor "#333333"
set yrange [0:*]
plot for [i = 1:5] file(i) using 1:2:3:4 linecolor rgb color(i) linewidth wide(i) \
	dashtype dash(i) pointtype 7 pointsize 1.6

unset for [i = 1:5] label i
set title "{/=24 CPU time of the board's process, ms per GiB}" textcolor "#333333"
set logscale y 10
set yrange [*:*]
plot for [i = 2:5] file(i) using 1:5:6:7 linecolor rgb color(i) linewidth wide(i) \
	dashtype dash(i) pointtype 7 pointsize 1.6
unset multiplot
