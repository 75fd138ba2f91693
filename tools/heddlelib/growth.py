# SPDX-License-Identifier: BSD-2-Clause
"""Plots of cost against the number of LWPs, and of CPUs, drawn by gnuplot."""

import subprocess

PLOTS = [
    ("unpark", "wake one of N that wait", "instructions"),
    ("unparkall", "wake all of N, each", "instructions"),
    ("create", "create, exit, wait while N wait", "instructions"),
    ("memory", "the kernel's memory for each of N", "bytes"),
    ("pairs", "a round trip of N pairs at once, each on a CPU of its own", "instructions"),
]

HEAD = """set terminal svg size 1000,1140 dynamic enhanced font "sans,13" background "white"
set output "{output}"
set multiplot layout 3,2 title "Cost against the number of LWPs or CPUs, in executed instructions (log axes)"
set logscale xy
set format x "10^{{%T}}"
set grid xtics ytics lc rgb "#dddddd"
set key top left samplen 2
set xlabel "N"
"""


def block(name, points):
    """A named table of gnuplot's."""
    return f"${name} << EOD\n" + "".join(f"{x} {y}\n" for x, y in points) + "EOD\n"


def points_of(rows, base, figure):
    """[(N, cost)] of the rows base.N."""
    found = [(int(name.split(".")[1]), figure(name, rows[name])) for name in rows if name.split(".")[0] == base
             and "." in name]
    return sorted(found)


def draw(output, columns, figure):
    """Write the SVG: columns is {title: rows}, figure(name, row) the number to plot."""
    script = HEAD.format(output=output)
    for number, (base, title, unit) in enumerate(PLOTS):
        curves, top = [], 1
        for column, (name, rows) in enumerate(columns.items()):
            points = points_of(rows, base, figure)
            if points:
                script += block(f"d{number}_{column}", points)
                curves.append(f'$d{number}_{column} with linespoints lw 2 pt 7 ps 0.5 title "{name}"')
                top = max(top, *(cost for _, cost in points))
        script += f'set title "{base}.N: {title}"\nset ylabel "{unit}"\nset yrange [100:{top * 12:g}]\n'
        script += "plot " + ", ".join(curves) + "\n" if curves else ""
    result = subprocess.run(["gnuplot"], input=script + "unset multiplot\n", text=True, capture_output=True, check=False)
    if result.returncode:
        raise RuntimeError("gnuplot: " + result.stderr)
