#include "verify/program/files.hpp"

#include <fmt/format.h>

namespace backprove {

Matrix<double> by_column(const NpyArray& array, std::string_view name) {
  require_finite(array, name);
  if (array.shape.empty() || array.shape.size() > 2)
    throw std::invalid_argument(
        fmt::format("{} expects an array of samples x features, got shape {}", name, array.shape_text()));
  const Index samples = array.shape[0], features = array.shape.size() == 2 ? array.shape[1] : 1;
  return Eigen::Map<const Matrix<double>>(array.values.data(), features, samples);
}

Data read_data(const std::string& params_file, const std::string& inputs, const std::string& targets,
               const Network& network, const Loss& loss, Precision precision) {
  Data data;
  const NpyArray params = read_npy(params_file);
  require_finite(params, "--params");
  if (static_cast<Index>(params.values.size()) != network.parameters() || params.shape.size() > 1)
    throw std::invalid_argument(
        fmt::format("--params expects {} numbers in one dimension for this network, got shape {}", network.parameters(),
                    params.shape_text()));
  data.theta = Eigen::Map<const Vector<double>>(params.values.data(), network.parameters());
  data.x = by_column(read_npy(inputs), "--inputs");
  if (data.x.rows() != network.inputs())
    throw std::invalid_argument(fmt::format("--inputs expects samples x {} features, got {} x {}", network.inputs(),
                                            data.x.cols(), data.x.rows()));
  if (data.x.cols() == 0) throw std::invalid_argument("--inputs expects at least one sample, got none");
  data.y = by_column(read_npy(targets), "--targets");
  round_to(precision, data.theta);
  round_to(precision, data.x);
  if (loss.targets() != Targets::classes) round_to(precision, data.y);
  return data;
}

}  // namespace backprove
