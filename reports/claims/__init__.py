"""One file is one claim: CLAIM (what is fixed before anything is run) and judge(rows) -> its verdicts. ORDER is how they are shown."""

ORDER: tuple[str, ...] = ()
