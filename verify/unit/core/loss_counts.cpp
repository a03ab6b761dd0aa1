#include "verify/loss_counts.hpp"

#include "core/data.hpp"
#include "verify/unit/catch.hpp"

namespace backprove::test {

TEST_CASE("loss counts: products, additions and functions of the loss alone, whatever the threads") {
  const Network network = Network::parse("affine(3,4) tanh affine(4,2)");
  const Loss loss = Loss::named("softmax_cross_entropy", Reduction::mean);
  Recipe recipe;
  recipe.batch = 5;
  const Data data = make_data(network, loss, recipe);
  Options options;
  for (const int threads : {1, 3}) {
    options.threads = threads;
    const Counts counts = counts_of_loss({network, loss, view(data.theta), view(data.x), view(data.y), options});
    CHECK(counts.multiplications() == 5 * (3 * 4 + 4 * 2));
    CHECK(counts.functions() == 5 * (4 + 2 + 1));  // tanh; exp of every logit and one log
    CHECK(counts.divisions() == 1);                // the mean
  }
}

}  // namespace backprove::test
