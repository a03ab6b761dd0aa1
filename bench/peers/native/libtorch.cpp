// Peer of reverse_vjp: libtorch, needs libtorch-dev
#include <torch/torch.h>

#include "bench/peers/native/worker.hpp"

namespace backprove::native {
namespace {

using torch::Tensor;
namespace F = torch::nn::functional;

/// A copy of so many numbers, in the cell's scalar.
Tensor tensor(const double* numbers, at::IntArrayRef shape, const Job& job) {
  const auto scalar = job.scalar == "float" ? torch::kFloat32 : torch::kFloat64;
  return torch::from_blob(const_cast<double*>(numbers), shape, torch::kFloat64).to(scalar, false, true);
}

const std::map<std::string, Tensor (*)(const Tensor&)> functions{
    {"tanh", [](const Tensor& t) { return torch::tanh(t); }},
    {"relu", [](const Tensor& t) { return torch::relu(t); }},
    {"sigmoid", [](const Tensor& t) { return torch::sigmoid(t); }},
    {"softplus", [](const Tensor& t) { return torch::softplus(t); }},
    {"elu", [](const Tensor& t) { return torch::elu(t); }},
    {"silu", [](const Tensor& t) { return torch::silu(t); }},
    {"gelu", [](const Tensor& t) { return torch::gelu(t); }},
    {"gelu_tanh", [](const Tensor& t) { return torch::gelu(t, "tanh"); }},
    {"leaky_relu", [](const Tensor& t) { return torch::leaky_relu(t); }},
    {"identity", [](const Tensor& t) { return t; }}};

/// Parameters that want a gradient: weight, bias, weight, ...
std::vector<Tensor> parameters_of(const Job& job) {
  std::vector<Tensor> parameters;
  const double* at = job.theta.data();
  for (const Layer& layer : job.layers) {
    if (layer.n_out == 0) continue;
    const auto n_out = static_cast<std::int64_t>(layer.n_out), n_in = static_cast<std::int64_t>(layer.n_in);
    parameters.push_back(tensor(at, {n_out, n_in}, job).requires_grad_());
    parameters.push_back(tensor(at + n_out * n_in, {n_out}, job).requires_grad_());
    at += n_out * (n_in + 1);
  }
  return parameters;
}

Tensor targets_of(const Job& job) {
  const auto samples = static_cast<std::int64_t>(job.samples), outputs = static_cast<std::int64_t>(job.outputs);
  if (!job.has_classes()) return tensor(job.y.data(), {samples, outputs}, job);
  return tensor(job.y.data(), {samples}, job).to(torch::kInt64);
}

Tensor loss_of(const Job& job, const std::vector<Tensor>& parameters, Tensor a, const Tensor& y) {
  std::size_t at = 0;
  for (const Layer& layer : job.layers) {
    if (layer.n_out == 0) {
      a = functions.at(layer.name)(a);
    } else {
      a = F::linear(a, parameters[at], parameters[at + 1]);
      at += 2;
    }
  }
  return job.has_classes() ? F::cross_entropy(a, y) : (a - y).square().sum(1).mean();
}

Ready prepare(const Job& job) {
  const Tensor x =
      tensor(job.x.data(), {static_cast<std::int64_t>(job.samples), static_cast<std::int64_t>(job.inputs)}, job);
  auto found = std::make_shared<std::vector<Tensor>>();
  return {[job, found, parameters = parameters_of(job), x, y = targets_of(job)] {
            *found = torch::autograd::grad({loss_of(job, parameters, x, y)}, parameters);
          },
          [found] {
            std::vector<double> flat;
            for (const Tensor& one : *found) {
              const Tensor numbers = one.to(torch::kFloat64).contiguous();
              flat.insert(flat.end(), numbers.data_ptr<double>(), numbers.data_ptr<double>() + numbers.numel());
            }
            return flat;
          }};
}

/// Parameters, gradients and their copies; every activation with its gradient.
double bytes(const Job& job) { return 8 * (6 * static_cast<double>(job.theta.size()) + 4 * job.activations()); }

}  // namespace

System peer() {
  const std::string threads = environment("OMP_NUM_THREADS");
  at::set_num_interop_threads(1);
  at::set_num_threads(threads.empty() ? 1 : std::stoi(threads));
  std::vector<std::string> names;
  for (const auto& [name, function] : functions) names.push_back(name);
  const std::map<std::string, std::string> settings{{"threads", std::to_string(at::get_num_threads())},
                                                    {"interop_threads", "1"}};
  return {"libtorch " BACKPROVE_PEER_VERSION, names, settings, prepare, bytes, false};
}

}  // namespace backprove::native
