"""The report in a real browser without a network: no errors, every chart drawn, every link works, at three widths, and without scripts."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import sys
import tempfile
import time
import unittest
from collections.abc import Callable
from pathlib import Path
from unittest import mock

REPORTS = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(REPORTS), str(REPORTS / "tests")]
sys.dont_write_bytecode = True

import judge  # noqa: E402
import report  # noqa: E402
import synthetic  # noqa: E402
import synthetic_costs  # noqa: E402
import verdicts_made_up  # noqa: E402

BROWSER, DRIVER = "chromium", "chromedriver"
WIDTHS = (390, 820, 1400)
PATIENCE = 40  # seconds for a page, on a machine that is busy
# No name resolves and every connection goes to a closed port: whatever the page asked for would be an error in its log.
OFFLINE = ("--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=127.0.0.1:9", "--disable-background-networking")


def missing() -> str:
    """What to say when the browser is not installed, else nothing."""
    absent = [name for name in (BROWSER, DRIVER) if shutil.which(name) is None]
    with contextlib.suppress(ImportError):
        import selenium  # noqa: F401

        return f"{' and '.join(absent)} missing: scripts/setup --browser installs what this test needs" if absent else ""
    return "python3-selenium is missing: scripts/setup --browser installs what this test needs"


class InBrowser(unittest.TestCase):
    """One report of made-up rows, one browser."""

    @classmethod
    def setUpClass(cls) -> None:
        if absent := missing():
            raise AssertionError(absent)
        from selenium import webdriver
        from selenium.webdriver.chrome.options import Options
        from selenium.webdriver.chrome.service import Service

        cls.scratch = tempfile.TemporaryDirectory()
        folder = Path(cls.scratch.name)
        made = [*synthetic.made_up((2, 4), (8,), ("float", "double")), *synthetic_costs.everything()]
        synthetic.write(folder / "rows", made)
        real = judge.judge_all
        with mock.patch.object(judge, "judge_all", lambda rows: [*real(rows), *verdicts_made_up.verdicts()]), contextlib.redirect_stdout(io.StringIO()):
            cls.page = report.report([folder / "rows"], folder / "out")[-1]
        options = Options()
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={folder / 'profile'}", *OFFLINE):
            options.add_argument(argument)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        cls.driver = webdriver.Chrome(service=Service(shutil.which(DRIVER)), options=options)

    @classmethod
    def tearDownClass(cls) -> None:
        cls.driver.quit()
        cls.scratch.cleanup()

    def run_script(self, script: str) -> object:
        """The value of a script in the page."""
        return self.driver.execute_script(script)

    def wait(self, what: Callable[[], object], why: str) -> None:
        """Until something holds."""
        begin = time.monotonic()
        while not what():
            self.assertLess(time.monotonic() - begin, PATIENCE, why)
            time.sleep(0.05)

    def open(self, width: int, scripts: bool = True) -> None:
        """Loads the page at a width and waits for its charts."""
        self.driver.get_log("browser")
        self.driver.get_log("performance")
        self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": not scripts})
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600})
        self.driver.get(self.page.as_uri())
        if scripts:
            self.wait(lambda: self.run_script("return document.documentElement.dataset.ready"), "the charts are not ready")

    def requests(self) -> list[str]:
        """What was asked for since the page was opened, beside the page itself and what it carries."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        urls = [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
        return [url for url in urls if not url.startswith(("data:", "blob:", "chrome")) and url != self.page.as_uri()]

    def test_every_width(self) -> None:
        for width in WIDTHS:
            with self.subTest(width=width):
                self.open(width)
                self.assertEqual(self.driver.get_log("browser"), [])
                self.assertEqual(self.requests(), [])
                undrawn = self.run_script(
                    "return [...document.querySelectorAll('figure[data-chart]')].filter(f => f.dataset.drawn !== 'yes' ||"
                    " !f.querySelector('.main-svg .trace, .main-svg .hm') || f.querySelector('.chart').clientHeight < 150).map(f => f.dataset.chart)"
                )
                self.assertEqual(undrawn, [])
                self.assertLessEqual(self.run_script("return document.documentElement.scrollWidth"), width, "the page is wider than the screen")
                cut = self.run_script(
                    "return [...document.querySelectorAll('.chart')].flatMap(c => { const box = c.getBoundingClientRect();"
                    " return [...c.querySelectorAll('.xtick text, .ytick text, .g-xtitle text, .g-ytitle text, .annotation-text')]"
                    ".filter(t => { const b = t.getBoundingClientRect(); return b.width && (b.left < box.left - 2 || b.right > box.right + 2 ||"
                    " b.top < box.top - 2 || b.bottom > box.bottom + 2); }).map(t => c.parentElement.dataset.chart + ': ' + t.textContent); })"
                )
                self.assertEqual(cut, [], "texts that are cut off")

    def test_every_link_leads_somewhere(self) -> None:
        self.open(WIDTHS[-1])
        links = self.run_script("return [...new Set([...document.querySelectorAll('a[href^=\"#\"]')].map(a => a.getAttribute('href')))]")
        self.assertGreater(len(links), 20)
        for link in links:
            self.assertTrue(self.run_script(f"return document.getElementById({json.dumps(link[1:])}) !== null"), link)
        chip = self.driver.find_element("css selector", "#claims + p + table a.chip")
        target = chip.get_attribute("href").split("#")[1]
        chip.click()
        self.wait(lambda: abs(self.run_script(f"return document.getElementById({json.dumps(target)}).getBoundingClientRect().top")) < 120, "no jump to the evidence")

    def test_pickers_and_legends_switch_series(self) -> None:
        self.open(WIDTHS[-1])
        shown = "return document.querySelectorAll('figure[data-chart=time_against_depth] .scatterlayer .trace').length"
        hidden = "return document.querySelector('figure[data-chart=time_against_depth] .chart').data.filter(t => t.visible === false).length"
        before = self.run_script(shown)
        self.assertEqual(self.run_script(hidden), 0)
        self.run_script("document.querySelector('figure[data-chart=time_against_depth] .legend button').click()")
        self.wait(lambda: self.run_script(shown) < before, "the legend hides nothing")
        self.run_script("document.querySelector('figure[data-chart=time_against_depth] .legend button').click()")
        self.wait(lambda: self.run_script(hidden) == 0, "the legend brings nothing back")
        self.run_script("[...document.querySelectorAll('#pick-scalar button')].find(b => b.textContent === 'float').click()")
        self.wait(lambda: self.run_script(hidden) > 0, "the picker of scalars hides nothing")
        titles = self.run_script("return [...document.querySelectorAll('figure[data-chart=time_against_depth] .annotation-text')].map(t => t.textContent)")
        self.assertFalse([t for t in titles if "float" in t], "an empty panel stays")

    def test_hovering_shows_numbers(self) -> None:
        from selenium.webdriver import ActionChains

        self.open(WIDTHS[-1])
        point = self.driver.find_element("css selector", "figure[data-chart=error_against_step] .points path")
        self.run_script("document.querySelector('figure[data-chart=error_against_step]').scrollIntoView({block: 'center'})")
        ActionChains(self.driver).move_to_element(point).perform()
        self.wait(lambda: "difference" in str(self.run_script("return document.querySelector('figure[data-chart=error_against_step] .hoverlayer').textContent")), "no numbers")

    def test_without_scripts_the_pictures_stay(self) -> None:
        self.open(WIDTHS[0], scripts=False)
        try:
            pictures = self.driver.find_elements("css selector", "figure[data-chart] img")
            self.assertGreater(len(pictures), 10)
            self.assertTrue(all(p.is_displayed() and p.size["height"] > 80 for p in pictures))
            self.assertFalse(self.driver.find_element("css selector", ".pickers").is_displayed())
        finally:
            self.driver.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})

    def test_a_browser_that_cannot_unpack_keeps_the_pictures(self) -> None:
        added = self.driver.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": "delete window.DecompressionStream"})
        try:
            self.driver.get(self.page.as_uri())
            self.assertIn("cannot unpack", self.driver.find_element("css selector", ".script-state").text)
            self.assertTrue(all(p.is_displayed() for p in self.driver.find_elements("css selector", "figure[data-chart] img")))
        finally:
            self.driver.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", added)


class Missing(unittest.TestCase):
    """A machine without the browser fails, and hears how to install it."""

    def test_message(self) -> None:
        with mock.patch.object(shutil, "which", return_value=None):
            self.assertIn("scripts/setup --browser", missing())
            with self.assertRaises(AssertionError):
                InBrowser.setUpClass()


if __name__ == "__main__":
    unittest.main()
