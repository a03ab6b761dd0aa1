#include "core/data.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <fstream>
#include <stdexcept>

namespace backprove {

namespace {

constexpr Index images = 1797, pixels = 64;

template <class M>
void round_numbers(Precision precision, M& numbers) {
  for (Index i = 0; i < numbers.size(); ++i) {
    double& number = numbers.data()[i];
    const double rounded = precision == Precision::full ? number : static_cast<double>(static_cast<float>(number));
    if (!std::isfinite(rounded))
      throw std::invalid_argument(fmt::format("the data hold {:.3g}; expected numbers that are finite in {}", number,
                                              precision == Precision::full ? "double" : "float"));
    number = rounded;
  }
}

/// Inputs and targets drawn from the generator.
void make_synthetic(const Network& network, const Loss& loss, Index batch, Initialiser& random, Data& data) {
  data.x.resize(network.inputs(), batch);
  for (Index i = 0; i < data.x.size(); ++i) data.x.data()[i] = random.uniform();
  data.y.resize(loss.target_rows(network.outputs()), batch);
  for (Index i = 0; i < data.y.size(); ++i) {
    const double u = random.uniform();
    switch (loss.targets()) {
      case Targets::values:
        data.y.data()[i] = u;
        break;
      case Targets::probabilities:
        data.y.data()[i] = u > 0 ? 1 : 0;
        break;
      case Targets::classes:
        data.y.data()[i] = std::min(std::floor((u + 1) / 2 * static_cast<double>(network.outputs())),
                                    static_cast<double>(network.outputs() - 1));
        break;
    }
  }
}

/// A seeded choice of images; class indices, or one-hot rows for losses that want numbers.
void choose_digits(const Loss& loss, const Recipe& recipe, Initialiser& random, Data& data) {
  const Digits all = read_digits(recipe.digits_file);
  std::vector<Index> order(images);
  for (Index i = 0; i < images; ++i) order[static_cast<std::size_t>(i)] = i;
  data.x.resize(pixels, recipe.batch);
  data.y = Matrix<double>::Zero(loss.target_rows(10), recipe.batch);
  for (Index s = 0; s < recipe.batch; ++s) {
    const auto left = static_cast<std::uint64_t>(images - s);
    std::swap(order[static_cast<std::size_t>(s)],
              order[static_cast<std::size_t>(s + static_cast<Index>(random.random() % left))]);
    const Index image = order[static_cast<std::size_t>(s)];
    data.x.col(s) = all.pixels.col(image);
    if (loss.targets() == Targets::classes)
      data.y(0, s) = all.labels(0, image);
    else
      data.y(static_cast<Index>(all.labels(0, image)), s) = 1;
  }
}

}  // namespace

void round_to(Precision precision, Vector<double>& numbers) { round_numbers(precision, numbers); }
void round_to(Precision precision, Matrix<double>& numbers) { round_numbers(precision, numbers); }

void check_recipe(const Network& network, const Recipe& recipe) {
  if (recipe.source == "synthetic") return;
  if (recipe.source != "digits")
    throw std::invalid_argument(fmt::format("unknown data '{}'; known are: digits synthetic", recipe.source));
  if (network.inputs() != pixels || network.outputs() != 10)
    throw std::invalid_argument(
        fmt::format("the digits have 64 features and 10 classes; the network has {} inputs and {} outputs",
                    network.inputs(), network.outputs()));
  if (recipe.batch > images)
    throw std::invalid_argument(fmt::format("the digits are 1797 images; a batch of {} was asked for", recipe.batch));
}

double data_numbers(const Network& network, const Loss& loss, Index batch) {
  return static_cast<double>(network.parameters()) +
         static_cast<double>(network.inputs() + loss.target_rows(network.outputs())) * static_cast<double>(batch);
}

Data make_data(const Network& network, const Loss& loss, const Recipe& recipe) {
  check_recipe(network, recipe);
  Data data;
  data.theta.resize(network.parameters());
  Initialiser parameters{recipe.initialisation, recipe.gain, std::mt19937_64(recipe.seed)};
  network.initialise(parameters, view(data.theta));
  Initialiser samples{recipe.initialisation, 1, std::mt19937_64(recipe.seed ^ 0x9e3779b97f4a7c15u)};
  if (recipe.source == "digits")
    choose_digits(loss, recipe, samples, data);
  else
    make_synthetic(network, loss, recipe.batch, samples, data);
  round_to(recipe.precision, data.theta);
  round_to(recipe.precision, data.x);
  if (loss.targets() == Targets::values) round_to(recipe.precision, data.y);
  return data;
}

Digits read_digits(const std::string& path) {
  std::ifstream file(path);
  if (!file) throw std::invalid_argument(fmt::format("cannot open the digits '{}'", path));
  Digits digits{Matrix<double>(pixels, images), Matrix<double>(1, images)};
  std::string line;
  std::getline(file, line);  // names of the columns
  for (Index s = 0; s < images; ++s) {
    if (!std::getline(file, line))
      throw std::invalid_argument(fmt::format("{}: expected 1797 images, got {}", path, s));
    const char* at = line.data();
    const char* const end = at + line.size();
    for (Index i = 0; i <= pixels; ++i) {
      int number = -1;
      const auto [next, error] = std::from_chars(at, end, number);
      const bool last = i == pixels, ended = last ? next == end : next != end && *next == ',';
      if (error != std::errc() || !ended || number < 0 || number > (last ? 9 : 16))
        throw std::invalid_argument(
            fmt::format("{}, line {}: expected 64 pixels from 0 to 16 and a digit", path, s + 2));
      if (last)
        digits.labels(0, s) = number;
      else
        digits.pixels(i, s) = number / 16.0;
      at = next + 1;
    }
  }
  return digits;
}

}  // namespace backprove
