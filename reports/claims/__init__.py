"""One file is one claim: CLAIM (what is fixed before anything is run) and judge(rows) -> its verdicts. ORDER is how they are shown."""

ORDER: tuple[str, ...] = (
    "abstract_honest", "abstract_literal",
    "gradient_product_exact", "gradient_product_rounded",
    "reverse_mode_depth", "gradient_loss_ratio", "gradient_loss_ratio_bounded", "gradient_loss_ratio_predicted", "cheap_gradient",
    "algorithm_1_depth", "algorithm_1_ratio", "prefix_reuse_depth", "prefix_reuse_ratio",
    "input_side_input_depth", "input_side_parameters_depth", "forward_mode_depth", "differences_depth",
    "reverse_mode_width", "dense_products_width_fixed", "dense_products_width_square",
    "bracketing_optimum", "checkpoint_recomputation", "checkpoint_memory", "memory_depth",
    "difference_curve", "complex_step", "error_growth", "gradient_decay",
)  # fmt: skip
