#include <cmath>
#include <limits>

#include "verify/stage/distance.hpp"
#include "verify/stage/judge.hpp"
#include "verify/unit/catch.hpp"

/// The judge's comparison, and the verifier's own mutants: a bound term dropped, the wrong side compared, entries
/// skipped, NaN accepted, a bound multiplied by the size, ... The same assertions are made of the real judge, of a
/// plain copy of its comparison, and of copies with one deliberate bug each; the first two must meet all of them, every
/// other must not.
namespace backprove::test {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();

TensorTask task_of(bool accurate) { return {"stage", "tensor", 1, false, accurate, 0x1p-53, nullptr, {}}; }

using Judge = std::function<TensorJudgement(const TensorTask&, const Matrix<double>&, const ExactTensor&)>;

/// What a judge has not met.
class Assertions {
 public:
  explicit Assertions(Judge of) : judge(std::move(of)) {}
  Finding finding(const Matrix<double>& got, const ExactTensor& exact, bool accurate = false) const {
    return judge(task_of(accurate), got, exact).finding;
  }
  TensorJudgement judgement(const Matrix<double>& got, const ExactTensor& exact) const {
    return judge(task_of(false), got, exact);
  }
  void require(bool met, std::string_view what) {
    if (!met) unmet.emplace_back(what);
  }
  std::vector<std::string> unmet;

 private:
  Judge judge;
};

ExactTensor exact_of(const Matrix<double>& centre, double bound) {
  ExactTensor exact{{}, Matrix<double>::Constant(centre.rows(), centre.cols(), bound)};
  for (Index i = 0; i < centre.size(); ++i) exact.entries.emplace_back(centre.data()[i]);
  return exact;
}

void every_entry_counts(Assertions& a) {
  const Matrix<double> centre = Matrix<double>::Constant(5, 3, 2.0);
  const ExactTensor exact = exact_of(centre, 0x1p-10);
  a.require(a.finding(centre, exact) == Finding::pass, "the exact result passes");
  for (Index i = 0; i < centre.size(); ++i)
    for (const double side : {-1.0, 1.0}) {
      Matrix<double> got = centre;
      got.data()[i] += side * 0x1p-10;
      a.require(a.finding(got, exact) == Finding::pass, "an error of just the bound passes");
      got.data()[i] += side * 0x1p-30;
      const TensorJudgement judgement = a.judgement(got, exact);
      a.require(judgement.finding == Finding::fail_formula, "an error beyond the bound fails, on both sides");
      a.require(judgement.row == i % 5 && judgement.column == i / 5, "the wrong entry is named");
    }
}

void bounds_belong_to_entries(Assertions& a) {
  for (const Index n : {1, 10, 1000}) {
    const Matrix<double> centre = Matrix<double>::Ones(n, 1);
    ExactTensor exact = exact_of(centre, 0);
    exact.bound(n - 1, 0) = 0.5;
    Matrix<double> got = centre;
    got(n - 1, 0) = 1.25;
    a.require(a.finding(got, exact) == Finding::pass, "an error within its own entry's bound passes");
    got(n - 1, 0) = 1.75;
    a.require(a.finding(got, exact) == Finding::fail_formula, "the bound does not grow with the size");
    if (n == 1) continue;
    got = centre;
    got(0, 0) = std::nextafter(1.0, 2.0);
    a.require(a.finding(got, exact) == Finding::fail_formula, "another entry's bound does not serve");
  }
}

void numbers_only(Assertions& a) {
  const Matrix<double> centre = Matrix<double>::Ones(3, 1);
  for (const double bad : {nan, inf, -inf}) {
    Matrix<double> got = centre;
    got(1, 0) = bad;
    a.require(a.finding(got, exact_of(centre, 0.1)) == Finding::fail_nonfinite, "what is not a number fails");
    ExactTensor unknown = exact_of(centre, 0.1);
    unknown.bound(1, 0) = bad;
    a.require(a.finding(centre, unknown) == Finding::inconclusive, "an unknown bound is inconclusive");
  }
}

void zero_and_wide_bounds(Assertions& a) {
  const Matrix<double> zero = Matrix<double>::Zero(4, 1), one = Matrix<double>::Ones(4, 1);
  a.require(a.finding(zero, exact_of(zero, 0)) == Finding::vacuous, "zero is vacuous");
  a.require(a.finding(zero, exact_of(zero, 1e-9)) == Finding::vacuous, "zero with a bound is vacuous");
  Matrix<double> got = zero;
  got(3, 0) = 1e-8;
  a.require(a.finding(got, exact_of(zero, 1e-9)) == Finding::fail_formula, "a wrong entry beside zeros fails");
  a.require(a.finding(one, exact_of(one, 1)) == Finding::inconclusive, "a bound as wide as the gradient is no proof");
  a.require(a.finding(4 * one, exact_of(one, 1)) == Finding::fail_formula, "beyond a wide bound it fails");
}

void width_of_the_exact_result(Assertions& a) {
  ExactTensor exact = exact_of(Matrix<double>::Ones(2, 1), 0x1p-10);
  mpfi_interv_d(exact.entries[0].get(), 1 - 0x1p-9, 1 + 0x1p-9);
  for (const double side : {-1.0, 1.0}) {
    Matrix<double> got = Matrix<double>::Ones(2, 1);
    got(0, 0) += side * (0x1p-9 + 0x1p-10);
    a.require(a.finding(got, exact) == Finding::pass, "the width of the exact result is part of the bound");
    got(0, 0) += side * 0x1p-30;
    a.require(a.finding(got, exact) == Finding::fail_formula, "beyond the width and the bound it fails");
  }
}

void digits_owed(Assertions& a) {
  const Matrix<double> centre = Matrix<double>::Constant(2, 1, 1e-10);
  Matrix<double> got = centre;
  got(0, 0) *= 1 + 1e-9;
  const ExactTensor exact = exact_of(centre, 1e-16);
  a.require(a.finding(got, exact, false) == Finding::pass, "lost digits within the bound pass where none are owed");
  a.require(a.finding(got, exact, true) == Finding::fail_accuracy, "and fail where they are owed");
  a.require(a.finding(centre, exact, true) == Finding::pass, "all digits pass where they are owed");
}

std::vector<std::string> unmet_by(const Judge& judge) {
  Assertions assertions(judge);
  for (const auto& group : {every_entry_counts, bounds_belong_to_entries, numbers_only, zero_and_wide_bounds,
                            width_of_the_exact_result, digits_owed})
    group(assertions);
  return assertions.unmet;
}

/// A copy of the judge's comparison, part by part, so that any part can be replaced by a wrong one.
struct ComparisonCopy {
  std::function<double(double bound, Index size)> bound = [](double b, Index) { return b; };
  std::function<double(double got, const Interval& exact)> error = &outside_by;
  std::function<bool(Index i, Index size)> skips = [](Index, Index) { return false; };
  std::function<bool(double got)> is_number = [](double got) { return std::isfinite(got); };
  std::function<bool(double error, double bound)> too_large = [](double e, double b) { return !(e <= b); };
  std::function<bool(double bound)> is_known = [](double b) { return std::isfinite(b); };
  std::function<Index(Index i, Index size)> bound_index = [](Index i, Index) { return i; };
  std::function<bool(double relative)> owes = [](double relative) { return relative > accurate_units * 0x1p-53; };

  TensorJudgement operator()(const TensorTask& task, const Matrix<double>& got, const ExactTensor& exact) const {
    TensorJudgement j;
    const Index size = got.size();
    double largest = 0, widest = 0, worst = -1;
    bool bad = false, wrong = false, unknown = false, inaccurate = false;
    for (Index i = 0; i < size; ++i) {
      if (skips(i, size)) continue;
      const double value = got.data()[i], allowed = bound(exact.bound.data()[bound_index(i, size)], size);
      const Interval& interval = exact.entries[static_cast<std::size_t>(i)];
      largest = std::max(largest, interval.magnitude_double());
      if (!is_known(allowed)) {
        unknown = true;
        continue;
      }
      widest = std::max(widest, allowed);
      if (!is_number(value)) {
        bad = true;
        continue;
      }
      const double distance = error(value, interval);
      wrong = wrong || too_large(distance, allowed);
      inaccurate = inaccurate || (distance > 0 && owes(distance / std::abs(to_double(interval))));
      if (distance > worst) {
        worst = distance;
        j.row = i % got.rows();
        j.column = i / got.rows();
      }
    }
    j.finding = bad                           ? Finding::fail_nonfinite
                : wrong                       ? Finding::fail_formula
                : task.accurate && inaccurate ? Finding::fail_accuracy
                : unknown                     ? Finding::inconclusive
                : largest == 0                ? Finding::vacuous
                : !(widest < largest)         ? Finding::inconclusive
                                              : Finding::pass;
    return j;
  }
};

struct JudgeMutant {
  std::string_view name;
  std::function<void(ComparisonCopy&)> bend;
};

/// The verifier's own mutants.
const std::vector<JudgeMutant>& judge_mutants() {
  static const std::vector<JudgeMutant> all{
      {"bound term dropped", [](ComparisonCopy& c) { c.bound = [](double, Index) { return 0.0; }; }},
      {"width of the exact result dropped",
       [](ComparisonCopy& c) { c.error = [](double got, const Interval& e) { return std::abs(got - to_double(e)); }; }},
      {"bound multiplied by the size",
       [](ComparisonCopy& c) { c.bound = [](double b, Index size) { return b * static_cast<double>(size); }; }},
      {"bound doubled", [](ComparisonCopy& c) { c.bound = [](double b, Index) { return 2 * b; }; }},
      {"only errors above are compared",
       [](ComparisonCopy& c) { c.error = [](double got, const Interval& e) { return got - to_double(e); }; }},
      {"only errors below are compared",
       [](ComparisonCopy& c) { c.error = [](double got, const Interval& e) { return to_double(e) - got; }; }},
      {"wrong side compared: accepted outside, rejected inside",
       [](ComparisonCopy& c) { c.too_large = [](double e, double b) { return e < b; }; }},
      {"an error of just the bound rejected",
       [](ComparisonCopy& c) { c.too_large = [](double e, double b) { return e > 0 && e >= b; }; }},
      {"first entry skipped", [](ComparisonCopy& c) { c.skips = [](Index i, Index) { return i == 0; }; }},
      {"last entry skipped", [](ComparisonCopy& c) { c.skips = [](Index i, Index n) { return i == n - 1; }; }},
      {"every other entry skipped", [](ComparisonCopy& c) { c.skips = [](Index i, Index) { return i % 2 == 1; }; }},
      {"one entry inside skipped", [](ComparisonCopy& c) { c.skips = [](Index i, Index) { return i == 7; }; }},
      {"NaN accepted",
       [](ComparisonCopy& c) {
         c.is_number = [](double) { return true; };
         c.too_large = [](double e, double b) { return e > b; };
         c.error = [](double got, const Interval& e) { return std::isnan(got) ? got : outside_by(got, e); };
       }},
      {"infinity accepted as a number",
       [](ComparisonCopy& c) { c.is_number = [](double got) { return !std::isnan(got); }; }},
      {"an unknown bound taken for an infinite one",
       [](ComparisonCopy& c) { c.is_known = [](double) { return true; }; }},
      {"the next entry's bound",
       [](ComparisonCopy& c) { c.bound_index = [](Index i, Index n) { return (i + 1) % n; }; }},
      {"lost digits never owed", [](ComparisonCopy& c) { c.owes = [](double) { return false; }; }},
  };
  return all;
}

TEST_CASE("judge: entries, sides, sizes, numbers, zero, width and digits are compared as they should be") {
  for (const std::string& assertion : unmet_by(judge_tensor)) FAIL_CHECK(assertion);
}

TEST_CASE("judge: a copy of its comparison meets the same assertions") {
  for (const std::string& assertion : unmet_by(ComparisonCopy())) FAIL_CHECK(assertion);
}

TEST_CASE("judge: every mutant of its comparison is caught by the assertions") {
  for (const JudgeMutant& mutant : judge_mutants()) {
    ComparisonCopy copy;
    mutant.bend(copy);
    const std::vector<std::string> unmet = unmet_by(copy);
    INFO("mutant of the judge: " << mutant.name);
    CHECK_FALSE(unmet.empty());
  }
}

}  // namespace
}  // namespace backprove::test
