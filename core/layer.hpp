#pragma once

#include <random>
#include <stdexcept>

#include "core/any_jacobian.hpp"
#include "core/io/network_text.hpp"
#include "core/math.hpp"
#include "core/scalars/counting.hpp"
#include "core/types.hpp"

/// A layer is a value with four formulas and no scalar type of its own. core/layers holds one file a layer; the list of
/// all layers is generated from that folder.
namespace backprove {

/// What a strategy relies on. Agreement of two strategies is evidence only for formulas that they do not both trust.
enum Formula : unsigned {
  formula_value = 1,
  formula_d_input = 2,
  formula_d_params = 4,
  formula_vjp = 8,
  formula_dual_rules = 16
};

/// Draws the parameters of a network: the scheme's name and gain, and a generator.
struct Initialiser {
  std::string scheme = "glorot";  ///< glorot, he, orthogonal or scaled
  double gain = 1;
  std::mt19937_64 random;

  /// A standard normal number; the same sequence on every platform for one seed.
  double normal();
  /// Uniform in (-1, 1), a multiple of 2^-52.
  double uniform();
  /// Fills weights (n_in x n_out) by the scheme: Glorot uniform, He normal, orthogonal (columns or rows), or normal
  /// with standard deviation gain/sqrt(n_in).
  void weights(Index n_in, Index n_out, double* out);
};

/// One hash a sample of the branches that a piecewise formula took (the signs of ReLU's inputs), to recognise
/// perturbations that cross a kink.
struct BranchSignature {
  Vector<std::uint64_t> hash;

  explicit BranchSignature(Index batch) : hash(Vector<std::uint64_t>::Zero(batch)) {}
  void mix(Index sample, bool branch) {
    hash(sample) = (hash(sample) ^ (branch ? 0x9e3779b97f4a7c15u : 0x2545f4914f6cdd1du)) * 0x100000001b3u;
  }
};

/// Consecutive parameters that form one tensor, rows x columns, stored column by column.
struct ParameterPart {
  std::string name;
  Index rows, columns;
};

/// Base of layers without kinks.
struct Smooth {
  template <class T>
  void branches(const At<T>&, BranchSignature&) const {}
};

/// Base of layers without parameters.
struct NoParameters {
  Index parameters() const { return 0; }
  void initialise(Initialiser&, ParamsOut<double>) const {}
};

/// The formulas of layer L for scalar T. Shapes: x n_in x B, y n_out x B, theta and theta_bar `parameters()` long.
///   value(p, y)                     y = layer(x; theta); p.y is not read
///   d_input(p)                      dy/dx for every sample, structured; may borrow from p
///   d_params(p)                     dy/dtheta, likewise
///   vjp(p, y_bar, x_bar, theta_bar) x_bar = (dy/dx)^T y_bar unless x_bar is empty; theta_bar += sum over the samples
///   of
///                                   (dy/dtheta)^T y_bar: written separately from the Jacobians; allocates nothing
///   branches(p, signature)          mixes in which side of its kinks every input lies on
template <class L, class T>
concept LayerAt = requires(const L layer, const At<T> p, In<T> y_bar, Out<T> out, ParamsOut<T> theta_bar,
                           BranchSignature& signature, Initialiser& random, ParamsOut<double> theta) {
  { L::name } -> std::convertible_to<std::string_view>;
  { L::rational } -> std::convertible_to<std::string_view>;  // empty, or the function that rational numbers lack
  { L::example } -> std::convertible_to<std::string_view>;   // a use in a network text, for lists and checks
  { layer.inputs() } -> std::convertible_to<Index>;
  { layer.outputs() } -> std::convertible_to<Index>;
  { layer.parameters() } -> std::convertible_to<Index>;
  { layer.workspace() } -> std::convertible_to<Index>;         // scalars a sample
  { layer.multiplications() } -> std::convertible_to<double>;  // of `value`, a sample
  { layer.text() } -> std::convertible_to<std::string>;
  layer.initialise(random, theta);
  layer.value(p, out);
  { layer.d_input(p) } -> JacobianOf<T>;
  { layer.d_params(p) } -> JacobianOf<T>;
  layer.vjp(p, y_bar, out, theta_bar);
  layer.branches(p, signature);
};

/// The tensors that a layer's parameters consist of: what it says itself, or all in one.
template <class L>
std::vector<ParameterPart> parameter_parts(const L& layer) {
  if constexpr (requires { layer.parameter_parts(); })
    return layer.parameter_parts();
  else if (layer.parameters() > 0)
    return {{"parameter", layer.parameters(), 1}};
  else
    return {};
}

/// Numbers a sample that a layer's structured Jacobians hold themselves, beside what they borrow.
struct JacobianSizes {
  double input, params;
};
/// What the layer says itself; or a diagonal if it has no parameters, and nothing if it has.
template <class L>
JacobianSizes jacobian_sizes(const L& layer) {
  if constexpr (requires { layer.jacobian_sizes(); })
    return layer.jacobian_sizes();
  else
    return {layer.parameters() == 0 ? static_cast<double>(layer.outputs()) : 0, 0};
}

/// The width of a layer that keeps it: the incoming one, or the number in its own parentheses.
inline Index kept_width(const Piece& piece, Index width) {
  if (!piece.inside.empty() || piece.numbers.size() > 1)
    throw std::invalid_argument("expects at most one number, its width");
  if (piece.numbers.size() == 1) return piece.numbers[0];
  if (width == 0) throw std::invalid_argument("is the first layer and needs its width, as in " + piece.name + "(8)");
  return width;
}

}  // namespace backprove
