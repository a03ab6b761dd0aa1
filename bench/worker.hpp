#pragma once

#include <istream>

namespace backprove {

class Ready;

/// Serves another process of `bench` by lines of JSON on standard input and output, until its input ends. Questions:
///   {"op": "sample", "block": ..., "cells": [[strategy, threads], ...]}: verifies these gradients of the block in this
///     process and samples them; answers {"say": line} on the way, at last {"timed": [...], "rejected": [[strategy,
///     threads, status, note], ...]};
///   {"op": "count", "block": ..., "strategies": [...]}: computes each one's gradient ("loss": the loss) once as usual
///     and once within backprove_counted_call, on one thread; answers {"counted": strategy, "kernel": name} after each.
/// An error is an answer {"error": line}.
void serve_bench(std::istream& questions);

}  // namespace backprove

/// The call that callgrind counts, by this name.
extern "C" void backprove_counted_call(backprove::Ready* ready, bool loss);
