#pragma once

#include <string>

#include "core/loss.hpp"
#include "core/network.hpp"

/// Inputs, targets and parameters of a run, as doubles that the lowest precision in use represents exactly.
namespace backprove {

struct Data {
  Vector<double> theta;
  Matrix<double> x;  ///< inputs() x B
  Matrix<double> y;  ///< target_rows x B
};

/// Which numbers data consist of: those of float, or of double.
enum class Precision { single, full };

/// Seeded parameters and, for `synthetic` data, inputs uniform in (-1, 1) and targets that fit the loss.
struct Recipe {
  std::string source = "synthetic";  ///< synthetic or digits
  std::string initialisation = "glorot";
  double gain = 1;
  Index batch = 32;
  std::uint64_t seed = 1;
  Precision precision = Precision::single;
  std::string digits_file;  ///< path of digits.csv
};

/// Throws std::invalid_argument if the network does not fit the data, without making them.
void check_recipe(const Network& network, const Recipe& recipe);

/// The numbers that make_data holds.
double data_numbers(const Network& network, const Loss& loss, Index batch);

/// Throws std::invalid_argument if the network does not fit the data, or a number is too large for the precision.
Data make_data(const Network& network, const Loss& loss, const Recipe& recipe);

/// All 1,797 images: 64 x B pixels divided by 16, and class indices 1 x B.
struct Digits {
  Matrix<double> pixels, labels;
};
Digits read_digits(const std::string& path);

/// Rounds every number to the precision. Throws std::invalid_argument if one is not finite then.
void round_to(Precision precision, Vector<double>& numbers);
void round_to(Precision precision, Matrix<double>& numbers);

}  // namespace backprove
