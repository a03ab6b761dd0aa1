"""Every figure draws every kind of rows, for print and for the screen, and shows the rows' own numbers."""

from __future__ import annotations

import io
import json
import math
import sys
import tempfile
import unittest
from pathlib import Path

REPORTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPORTS), str(REPORTS / "tests")]
sys.dont_write_bytecode = True

import matplotlib as mpl  # noqa: E402
import pandas as pd  # noqa: E402

import drawings  # noqa: E402
import plot  # noqa: E402
import render_screen  # noqa: E402
import rows  # noqa: E402
import style  # noqa: E402
import synthetic  # noqa: E402
import synthetic_costs  # noqa: E402

Rows = list[dict[str, object]]


def read(made: Rows) -> pd.DataFrame:
    """The rows as a report reads them."""
    with tempfile.TemporaryDirectory() as folder:
        return rows.read([synthetic.write(Path(folder) / "rows", made)])


def module(name: str):  # type: ignore[no-untyped-def]
    """A figure's module."""
    return drawings.load(drawings.FOLDER / f"{name}.py")


def described(name: str, made: Rows) -> plot.Plot:
    """What a figure shows."""
    found = module(name).plot(read(made))
    assert isinstance(found, plot.Plot)
    return found


def series(shown: plot.Plot, name: str, panel: int = 0) -> plot.Series:
    """One series of a panel."""
    return next(s for s in shown.panels[panel].series if s.name == name)


class Figures(unittest.TestCase):
    """All of them."""

    def draw(self, name: str, frame: pd.DataFrame) -> mpl.figure.Figure | None:
        """The figure of these rows, rendered; None where there is nothing to draw. Its chart is valid JSON."""
        with mpl.rc_context(style.SETTINGS):
            try:
                figure = module(name).draw(frame)
            except style.NothingToDraw as nothing:
                self.assertRegex(str(nothing), "^[a-z].*[^.]$")
                with self.assertRaises(style.NothingToDraw):
                    module(name).plot(frame)
                return None
            figure.savefig(io.BytesIO(), format="png", dpi=40)
        json.dumps(render_screen.chart(module(name).plot(frame)), allow_nan=False)
        return figure

    def test_docstrings(self) -> None:
        for name in drawings.names():
            words = module(name).__doc__ or ""
            for label in ("Claim", "Columns", "Caption"):
                self.assertGreater(len(drawings.section(words, label)), 40, f"{name}: {label}")

    def test_everything_is_drawn_from_rows_of_everything(self) -> None:
        frame = read(synthetic.made_up((2, 4), (8,), ("double",)) + synthetic_costs.everything())
        for name in drawings.names():
            with self.subTest(name):
                self.assertIsNotNone(self.draw(name, frame))

    def test_names_below_a_panel_are_whole_and_clear_of_what_stands_there(self) -> None:
        """The names of a matrix with the longest there are, and whatever else all rows make."""
        everything = read(synthetic_costs.everything())
        longest = max((name for names in style.MEMBERS.values() for name in names), key=len)
        renamed = everything.replace({"complex_step": longest}).replace("complex_step", longest, regex=True)
        for name in drawings.names():
            for frame in (everything, renamed):
                figure = self.draw(name, frame)
                if figure is None:
                    continue
                figure.draw_without_rendering()  # at its own resolution again
                boxes = [text.get_window_extent() for text in figure.texts] + [legend.get_window_extent() for legend in figure.legends]
                for axes in figure.axes:
                    for label in axes.get_xticklabels():
                        if label.get_text() and label.get_rotation() != 0:
                            with self.subTest(figure=name, label=label.get_text()):
                                here = label.get_window_extent()
                                self.assertGreaterEqual(here.y0, 0)
                                self.assertFalse([box for box in boxes if box.overlaps(here)])

    def test_every_axis_has_a_unit(self) -> None:
        made = synthetic.made_up((2, 4), (8,), ("double",)) + synthetic_costs.everything()
        frame = read(made)
        for name in drawings.names():
            shown = module(name).plot(frame)
            self.assertGreater(len(shown.title), 20 if name != "mutation_matrix" else 10)
            for panel in shown.panels:
                for axis in (panel.x, panel.y):
                    if not axis.categories and panel.matrix is None:
                        self.assertRegex(axis.label, r"\(.+\)$", f"{name}: {panel.title}")

    def test_every_sort_of_rows(self) -> None:
        made = synthetic.made_up((2, 4), (8,), ("double",))
        odd = [dict(row) for row in made]
        for row, value in zip([r for r in odd if r["quantity"] == "error_max_relative"], ("inf", 0, "nan", 1e300, 1e-320)):
            row["value"] = value
        costs = synthetic_costs.bench((2, 4, 8), (8,), (1,))
        kinds = {
            "one depth": synthetic.made_up((4,), (8,), ("float",)) + synthetic_costs.bench((4,), (8,), (1,)),
            "many": synthetic.made_up((1, 2, 3, 4, 8, 16, 32, 64, 128), (1, 8, 512), ("float", "cpp_bin_float_100")),
            "odd values": odd + [{**row, "value": "inf"} for row in costs],
            "unknown names": [{**row, "strategy": f"new_{k % 9}", "scalar": "bfloat16"} for k, row in enumerate(made + costs)],
            "several data sets": made + [{**row, "data": "digits", "depth": 4, "width": 64, "batch": 32} for row in made],
            "no width": [{**row, "width": ""} if row["quantity"] == "bound_relative" else row for row in made + costs],
            "no threads": [{**row, "threads": ""} for row in costs],
            "zeros": [{**row, "value": 0} for row in costs],
        }
        for kind, rows_of_kind in kinds.items():
            frame = read(rows_of_kind)
            for name in drawings.names():
                with self.subTest(kind=kind, figure=name):
                    self.draw(name, frame)

    def test_the_points_are_the_rows(self) -> None:
        made = [r for r in synthetic.made_up((2, 4, 8), (8,), ("double",)) if r["strategy"] == "reverse_vjp"]
        figure = self.draw("operations_against_depth", read(made))
        assert figure is not None
        drawn = {round(float(y), 3) for axes in figure.axes for line in axes.lines for y in line.get_ydata()}
        expected = {float(str(r["value"])) for r in made if r["quantity"] == "predicted_multiplications"}
        self.assertLessEqual(expected, drawn)


class Costs(unittest.TestCase):
    """What the figures of costs say about rows whose truth is known."""

    def test_exponents_and_slopes_of_time(self) -> None:
        shown = described("time_against_depth", [r for r in synthetic_costs.bench(threads=(1,)) if r["scalar"] == "double"])
        exponents = {line[1]: float(line[2]) for line in shown.numbers[1:]}
        for strategy, (_, p, _) in synthetic_costs.TIMES.items():
            self.assertAlmostEqual(exponents[strategy], p, delta=0.05)
        self.assertAlmostEqual(series(shown, "jacobian_literal", 1).y[-1], 2.0, delta=0.05)
        self.assertIn("Noise floor", shown.note)

    def test_restarts_are_a_second_series(self) -> None:
        made = synthetic_costs.bench(threads=(1,))
        for row in made:
            row["value"] = {"noise_floor": 0.01, "restart_spread": 0.03}.get(str(row["quantity"]), row["value"])
        shown = described("noise_floor", made)
        self.assertEqual(shown.title, "Nine cells in ten repeat within 1 % in one process, and within 3 % between processes")
        pair, spread = series(shown, "double, in one process"), series(shown, "double, between processes")
        self.assertEqual((set(pair.y), set(spread.y)), ({0.01}, {0.03}))
        self.assertEqual((pair.hollow, spread.hollow, pair.look.marker == spread.look.marker), (False, True, False))
        self.assertGreater(len(spread.x), len(pair.x))
        alone = described("noise_floor", [row for row in made if row["quantity"] != "restart_spread"])
        self.assertEqual((alone.title, len(alone.panels[0].series)), ("Nine cells in ten repeat within 1 % in one process", 2))

    def test_cold_over_warm(self) -> None:
        made = [row for row in synthetic_costs.bench(threads=(1,)) if row["scalar"] == "double"]
        curve = series(described("cold_over_warm", made), "reverse_vjp")
        self.assertEqual(list(curve.x), sorted(curve.x))
        # A microsecond more than the warm call, made up.
        warm = sorted(float(str(r["value"])) for r in made if r["quantity"] == "seconds_median" and r["strategy"] == "reverse_vjp")
        self.assertAlmostEqual(max(curve.y), 1 + 1e-6 / warm[0])
        self.assertIn("where one takes a millisecond", described("cold_over_warm", made).title)

    def test_two_machines_are_never_in_one_panel(self) -> None:
        frames = [read(synthetic_costs.bench(threads=(1,), slow=slow)).assign(machine=f"machine {k}", folder=f"run{k}") for k, slow in ((1, 1.0), (2, 2.0))]
        frame = pd.concat(frames, ignore_index=True)
        for name in ("time_against_depth", "time_against_width", "ratio_to_loss_against_depth", "ratio_to_peers", "noise_floor", "cold_over_warm", "fraction_of_limit"):
            shown = module(name).plot(frame)
            titles = [p.title for p in shown.panels if p.title != "local slopes"]
            for machine in ("machine 1", "machine 2"):
                self.assertTrue(any(machine in t for t in titles), f"{name}: {titles}")
            self.assertTrue(all(("machine 1" in t) != ("machine 2" in t) for t in titles), titles)
        first, second = (next(p for p in module("time_against_depth").plot(frame).panels if m in p.title and "double" in p.title) for m in ("machine 1", "machine 2"))
        self.assertAlmostEqual(second.series[0].y[0] / first.series[0].y[0], 2, delta=0.1)

    def test_the_predicted_ratio_is_3_minus_r(self) -> None:
        predicted = module("ratio_to_loss_against_depth").predicted
        self.assertAlmostEqual(predicted("affine(8,8) tanh affine(8,8) tanh affine(8,4)"), 3 - 64 / 160)
        self.assertIsNone(predicted("residual(affine(8,8) tanh)"))

    def test_memory_threads_steps_and_pairs(self) -> None:
        everything = synthetic_costs.everything()
        memory = series(described("peak_memory_against_depth", everything), "reverse_vjp")
        self.assertAlmostEqual(math.log2(memory.y[-1] / memory.y[-3]) / math.log2(memory.x[-1] / memory.x[-3]), 1, delta=0.1)
        threads = described("thread_scaling", everything)
        self.assertAlmostEqual(max(max(s.y) for p in threads.panels for s in p.series), 1.8, delta=0.05)
        curve = series(described("error_against_step", everything), "central_difference")
        self.assertEqual(curve.x[list(curve.y).index(min(curve.y))], 1.0)
        matrix = described("agreement_matrix", everything).panels[0].matrix
        assert matrix is not None
        place = list(matrix.rows)
        self.assertEqual(matrix.texts[place.index("complex_step")][place.index("reverse_vjp")], "2/3")
        self.assertEqual(matrix.texts[place.index("reverse_vjp")][place.index("complex_step")], "2/3")
        note = described("mutation_matrix", everything).note
        self.assertIn("40 bugs in 80 places, 78 caught, 2 not judged as expected", note)


    def test_the_title_says_where_the_fractions_lie(self) -> None:
        shown = described("fraction_of_limit", synthetic_costs.everything())
        fractions = [y for panel in shown.panels for s in panel.series for y in s.y]
        self.assertIn(f"from {min(fractions):.2g} to {max(fractions):.2g}", shown.title)


class Style(unittest.TestCase):
    """The helpers of the figures."""

    def test_strategies_differ_in_colour_and_in_grey(self) -> None:
        names = [name for members in style.MEMBERS.values() for name in members]
        looks = style.styles(names)
        self.assertEqual(list(looks), names)
        self.assertEqual(len({(look.marker, look.dash) for look in looks.values()}), len(names))
        self.assertLessEqual(len(style.FAMILIES), 8)

    def test_spread_keeps_order_gap_and_range(self) -> None:
        for wanted in ([0.5] * 5, [0.0, 0.0, 1.0, 1.0], [0.1, 0.11, 0.5, 0.51, 0.52], [0.97, 0.98, 0.99]):
            placed = style.spread(wanted, 0.1, 0.0, 1.0)
            self.assertTrue(all(b - a >= 0.1 - 1e-12 for a, b in zip(placed, placed[1:])), placed)
            self.assertTrue(all(-1e-12 <= y <= 1 + 1e-12 for y in placed), placed)
        self.assertEqual(style.spread([0.2, 0.8], 0.1, 0.0, 1.0), [0.2, 0.8])

    def test_numbers_for_people(self) -> None:
        for value, text in ((0, "0"), (1234, "1234"), (123456, "123,456"), (0.01234, "0.0123"), (1.25e-9, "1.25e-9"), (float("inf"), "infinite")):
            self.assertEqual(plot.number(value), text)
        self.assertEqual([plot.seconds(v) for v in (2.0, 3.1e-3, 4.56e-6, 7e-9)], ["2 s", "3.1 ms", "4.56 us", "7 ns"])


if __name__ == "__main__":
    unittest.main()
