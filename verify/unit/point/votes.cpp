#include "verify/votes.hpp"

#include "verify/unit/catch.hpp"

namespace backprove::test {
namespace {

std::vector<const StrategyInfo*> some() {
  return {&strategy_named("jacobian_prefix"), &strategy_named("reverse_vjp"), &strategy_named("reverse_checkpointed"),
          &strategy_named("forward_mode")};
}

TEST_CASE("votes: agreement is evidence only for formulas that are not shared") {
  Votes votes(some());
  for (std::size_t a = 0; a < 4; ++a)
    for (std::size_t b = a + 1; b < 4; ++b) votes.agree(a, b);
  CHECK(votes.agreeing(1) == 3);
  // Checkpointing uses the vjp too; everybody uses the value.
  CHECK(votes.evidence(1) == "value confirmed by 0, vjp confirmed by 2");
  CHECK(votes.evidence(3) == "value confirmed by 0, dual rules confirmed by 3");
  for (std::size_t s = 0; s < 4; ++s) CHECK(!votes.is_outlier(s));
}

TEST_CASE("votes: the one that most others contradict is the outlier") {
  Votes votes(some());
  for (std::size_t a = 0; a < 4; ++a)
    for (std::size_t b = a + 1; b < 4; ++b) a == 1 || b == 1 ? votes.disagree(a, b) : votes.agree(a, b);
  CHECK(votes.is_outlier(1));
  CHECK(!votes.is_outlier(0));
  CHECK(votes.sentence(1) == "disagrees with jacobian_prefix, reverse_checkpointed, forward_mode; agrees with none");
  CHECK(votes.sentence(3) == "disagrees with reverse_vjp; agrees with jacobian_prefix, reverse_checkpointed");
}

TEST_CASE("votes: of two that contradict each other nobody is the outlier") {
  Votes votes({&strategy_named("reverse_vjp"), &strategy_named("forward_mode")});
  votes.disagree(0, 1);
  CHECK(!votes.is_outlier(0));
  CHECK(!votes.is_outlier(1));
}

}  // namespace
}  // namespace backprove::test
