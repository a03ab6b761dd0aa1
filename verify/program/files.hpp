#pragma once

#include "core/data.hpp"
#include "core/io/npy.hpp"

namespace backprove {

/// A samples x features array as features x samples. One dimension counts as one column: samples x 1.
Matrix<double> by_column(const NpyArray& array, std::string_view name);

/// Parameters, inputs and targets from .npy files, rounded to the precision. Class targets may be integers, or whole
/// numbers as floats; the loss checks their range. Throws std::invalid_argument for wrong shapes and for NaN.
Data read_data(const std::string& params_file, const std::string& inputs, const std::string& targets,
               const Network& network, const Loss& loss, Precision precision);

}  // namespace backprove
