"""Every promise of scripts/check_tree is broken once here and reported; what is allowed is not."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import sys
import unittest
from pathlib import Path

sys.dont_write_bytecode = True
SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "check_tree"
loader = importlib.machinery.SourceFileLoader("check_tree", str(SCRIPT))
spec = importlib.util.spec_from_loader("check_tree", loader)
assert spec is not None
check_tree = importlib.util.module_from_spec(spec)
loader.exec_module(check_tree)

CLAIM = 'CLAIM = Claim(name="a", sentence=1, source=1, statistic=1, predicted=1, margin=1, needs=1, rule=1)\ndef judge(rows): ...\n'
TARGET = 'TARGET = Target(name="a", sentence=1, needs=1)\ndef judge(rows): ...\n'
# Promise, path, text that breaks it, part of the report.
BROKEN = (
    ("include_direction", "core/a.hpp", '#include "verify/b.hpp"\n', "core must not include verify"),
    ("include_direction", "core/a.hpp", '#include "../b.hpp"\n', "does not name its folder"),
    ("include_direction", "verify/a.cpp", '\n# include "bench/b.hpp"\n', "a.cpp:2: verify must not include bench"),
    ("reports_read_rows_only", "reports/a.py", "import sklearn\n", "must not import sklearn"),
    ("reports_read_rows_only", "reports/a.py", "from selenium import webdriver\n", "must not import selenium"),
    ("file_name_is_type_name", "core/layers/some_layer.hpp", "struct Some_layer {};\n", "does not define SomeLayer"),
    ("file_name_is_type_name", "core/losses/some.hpp", "// struct Some {\n", "does not define Some"),
    ("file_name_is_type_name", "core/strategies/some.hpp", "struct Some;\n", "does not define Some"),
    ("one_home_for_openmp", "core/a.hpp", "#pragma omp parallel\n", "belongs in core/parallel.hpp"),
    ("one_home_for_openmp", "bench/a.cpp", "int n = omp_get_max_threads();\n", "belongs in core/parallel.hpp"),
    ("layers_are_generic", "core/layers/a.hpp", "return std::tanh(x);\n", "std::tanh"),
    ("layers_are_generic", "core/layers/a.hpp", "\nreturn x > T(0) ? x : T(0);\n", "a.hpp:2: a layer compares with '>'"),
    ("layers_are_generic", "core/layers/a.hpp", "if (p.x(i, s) == best) k = i;\n", "compares with '=='"),
    ("short_files", "core/a.hpp", "\n" * 400, "fewer than 400"),
    ("figures_name_their_claim", "reports/figures/a.py", '"""Columns: x. Caption: y."""\ndef draw(rows): ...\n', "no 'Claim:'"),
    ("figures_name_their_claim", "reports/figures/a.py", '"""Claim: x. Columns: x. Caption: y."""\n', "no function draw"),
    ("claims_name_their_source", "reports/claims/a.py", CLAIM.replace("source=1, ", ""), "CLAIM has no source"),
    ("claims_name_their_source", "reports/claims/b.py", CLAIM, "CLAIM is not named b"),
    ("claims_name_their_source", "reports/claims/a.py", CLAIM.replace("judge", "decide"), "no function judge"),
    ("targets_name_their_needs", "reports/targets/a.py", TARGET.replace(", needs=1", ""), "TARGET has no needs"),
    ("targets_name_their_needs", "reports/targets/b.py", TARGET, "TARGET is not named b"),
    ("no_machine_paths", "a.md", "see /" + "home/somebody/x\n", "machine path"),
    ("scripts_are_executable", "scripts/no_such_file", "echo\n", "executable bit"),
    ("tests_are_run", "bench/unit/a.cpp", '\nTEST_CASE("a: b; c") {\n', "a.cpp:2: the name of the test"),
)
ALLOWED = (
    ("include_direction", "bench/a.cpp", '#include "core/a.hpp"\n#include "verify/b.hpp"\n#include <vector>\n'),
    ("file_name_is_type_name", "core/layers/gelu_tanh.hpp", "using GeluTanh = Elementwise<GeluTanhRule>;\n"),
    ("file_name_is_type_name", "core/layers/affine.hpp", "struct Affine : Smooth {\n"),
    ("one_home_for_openmp", "core/parallel.hpp", "#pragma omp parallel for\n"),
    ("one_home_for_openmp", "core/a.hpp", "// no #pragma omp here\n"),
    ("layers_are_generic", "core/layers/a.hpp", "// x > 0 and std::tanh\nfor (Index i = 0; i < n; ++i)\n"),
    ("layers_are_generic", "core/layers/a.hpp", 'template <class T>\nstd::string f() { return "a < b"; }\n'),
    ("layers_are_generic", "core/layers/a.hpp", "if (x_bar.size() > 0) g(static_cast<double>(n) * 2, i != k);\n"),
    ("reports_read_rows_only", "reports/tests/a.py", "from selenium import webdriver\n"),
    ("short_files", "core/a.hpp", "\n" * 399),
    ("claims_name_their_source", "reports/claims/a.py", CLAIM),
    ("targets_name_their_needs", "reports/targets/a.py", TARGET),
    ("tests_are_run", "bench/unit/a.cpp", 'TEST_CASE("a: b, c") { f("d;"); }\n'),
    ("no_machine_paths", "a.md", "https://example.org/home/x ${HOME}/x some/" + "work/x\n"),
)


class Promises(unittest.TestCase):
    """One test for what is reported, one for what is not."""

    def test_broken(self) -> None:
        for name, path, text, expected in BROKEN:
            with self.subTest(promise=name, text=text[:60]):
                found = list(getattr(check_tree, name)({path: text}))
                self.assertEqual(len(found), 1, found)
                self.assertIn(expected, found[0])
                self.assertTrue(found[0].startswith(path + ":"))

    def test_allowed(self) -> None:
        for name, path, text in ALLOWED:
            with self.subTest(promise=name, text=text[:60]):
                self.assertEqual(list(getattr(check_tree, name)({path: text})), [])

    def test_every_promise_is_broken_once(self) -> None:
        self.assertEqual({promise.__name__ for promise in check_tree.PROMISES}, {name for name, *_ in BROKEN})


if __name__ == "__main__":
    unittest.main()
