#pragma once

#include "verify/mutation/path_checks.hpp"

namespace backprove {

/// A check of the mutation matrix: how it looks at a reverse sweep, and how at another path; nullptr where it does not.
struct NamedCheck {
  std::string_view name;
  CheckResult (Checks<float>::*in_float)() const;
  CheckResult (Checks<double>::*in_double)() const;
  CheckResult (PathChecks<float>::*path_in_float)() const;
  CheckResult (PathChecks<double>::*path_in_double)() const;

  CheckResult run(const Checks<float>& checks) const { return call(in_float, checks); }
  CheckResult run(const Checks<double>& checks) const { return call(in_double, checks); }
  CheckResult run(const PathChecks<float>& checks) const { return call(path_in_float, checks); }
  CheckResult run(const PathChecks<double>& checks) const { return call(path_in_double, checks); }

 private:
  template <class C>
  static CheckResult call(CheckResult (C::*check)() const, const C& checks) {
    return check == nullptr ? CheckResult{} : (checks.*check)();
  }
};

/// In the order of the matrix.
inline const std::vector<NamedCheck>& all_checks() {
  using F = Checks<float>;
  using D = Checks<double>;
  using PF = PathChecks<float>;
  using PD = PathChecks<double>;
  static const std::vector<NamedCheck> list{
      {"stage", &F::stage, &D::stage, nullptr, nullptr},
      {"state", &F::state, &D::state, nullptr, nullptr},
      {"placement", &F::placement, &D::placement, nullptr, nullptr},
      {"enclosure", &F::enclosure, &D::enclosure, &PF::enclosure, &PD::enclosure},
      {"differences", &F::differences, &D::differences, nullptr, nullptr},
      {"duality", &F::duality, &D::duality, &PF::duality, &PD::duality},
      {"threads", &F::threads, &D::threads, nullptr, nullptr},
      {"agreement", nullptr, nullptr, &PF::agreement, &PD::agreement},
  };
  return list;
}

}  // namespace backprove
