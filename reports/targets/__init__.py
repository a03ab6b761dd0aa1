"""One file is one target: TARGET (what is fixed before anything is run) and judge(rows) -> its cells. ORDER is how they are shown."""

ORDER: tuple[str, ...] = (
    "peers", "peers_of_prototype", "limit", "thread_scaling", "loss_ratio_predicted", "loss_ratio_counted", "memory_predicted",
    "structured_products", "noise", "exponents_repeat",
)  # fmt: skip
